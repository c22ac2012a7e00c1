import { humanize } from "@/lib/format";
import { Button } from "@/ui/button";
import { Reference } from "@/ui/reference";
import type { Clash } from "./use-form";

/** Fields that somebody else and I changed to different values: both are shown, one is taken. */
export function Clashes({ clashes, onChoose }: { readonly clashes: readonly Clash[]; readonly onChoose: (clash: Clash, value: unknown) => void }) {
  if (clashes.length === 0) return null;
  return (
    <section role="alert" aria-label="Changed by both" className="mb-4 rounded-lg border border-warning/30 bg-warning-soft px-4 py-3">
      <p className="font-medium">Somebody saved this document meanwhile. Their changes are in; these fields you both changed:</p>
      <ul className="mt-2 flex flex-col gap-2">
        {clashes.map((clash) => (
          <li key={`${clash.line}${clash.field}`} className="flex flex-wrap items-center gap-2">
            <span className="w-40 text-muted">
              {humanize(clash.field)}
              {clash.line ? " of a line" : ""}
            </span>
            <Button size="small" onClick={() => onChoose(clash, clash.mine)}>
              Mine: <Reference value={clash.mine ?? "empty"} />
            </Button>
            <Button size="small" onClick={() => onChoose(clash, clash.theirs)}>
              Theirs: <Reference value={clash.theirs ?? "empty"} />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
