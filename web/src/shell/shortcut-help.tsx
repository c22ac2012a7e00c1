import { Dialog } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";
import { SHORTCUT_HELP, shortcutSetting, useShortcutsOn } from "./shortcuts";

export function ShortcutHelp({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const on = useShortcutsOn();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard" wide>
      <div className="columns-1 gap-8 sm:columns-2">
        {SHORTCUT_HELP.map(({ group, keys }) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs font-semibold text-muted">{group}</h3>
            <dl>
              {keys.map(([combination, text]) => (
                <div key={combination} className="flex items-center justify-between gap-4 border-b border-line py-1">
                  <dt>{text}</dt>
                  <dd className="flex gap-1">
                    {combination.split(" ").map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="mt-2 flex items-center gap-2">
        <input type="checkbox" className="size-4" checked={on} onChange={(event) => shortcutSetting.set(event.target.checked)} />
        Single keys work as shortcuts
      </label>
    </Dialog>
  );
}
