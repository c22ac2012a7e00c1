import { DropdownMenu } from "radix-ui";
import { createContext, type ReactNode, type RefObject, useContext, useRef } from "react";
import { classes } from "@/lib/classes";

interface MenuProps {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
}

/** What was chosen and is done once the menu has given the focus back: a dialog that opens must be the last to take it. */
const Chosen = createContext<RefObject<(() => void) | null>>({ current: null });

export function Menu({ trigger, children, align = "end" }: MenuProps) {
  const chosen = useRef<(() => void) | null>(null);
  const onClosed = () => {
    if (chosen.current) setTimeout(chosen.current);
    chosen.current = null;
  };
  return (
    // Modal, it would hide the page from assistive technology with its focusable parts still in it.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={onClosed}
          className="z-50 max-h-[70vh] min-w-52 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-float"
        >
          <Chosen value={chosen}>{children}</Chosen>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly children: ReactNode;
  readonly icon?: ReactNode;
  readonly hint?: ReactNode;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}

export function MenuItem({ children, icon, hint, danger, disabled, onSelect }: MenuItemProps) {
  const chosen = useContext(Chosen);
  return (
    <DropdownMenu.Item
      {...(disabled ? { disabled } : {})}
      onSelect={() => {
        chosen.current = onSelect;
      }}
      className={classes(
        "flex min-h-8 cursor-pointer items-start gap-2 rounded-md px-2 py-1.5 outline-none select-none",
        "data-highlighted:bg-hover data-disabled:cursor-default [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0",
        danger && "text-negative",
      )}
    >
      {icon}
      <span className="min-w-0 flex-1">
        <span className={disabled ? "text-muted" : undefined}>{children}</span>
        {hint ? <span className="block max-w-64 text-xs whitespace-normal text-faint">{hint}</span> : null}
      </span>
    </DropdownMenu.Item>
  );
}

export const MenuLabel = ({ children }: { readonly children: ReactNode }) => (
  <DropdownMenu.Label className="px-2 pt-2 pb-1 text-2xs font-medium tracking-wide text-faint uppercase">{children}</DropdownMenu.Label>
);

export const MenuSeparator = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />;
