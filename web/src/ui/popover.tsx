import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface PopoverProps {
  readonly trigger: ReactNode;
  readonly label: string;
  readonly children: ReactNode;
  /** Given together where something inside closes it. */
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}

export const Popover = ({ trigger, label, children, ...state }: PopoverProps) => (
  <Radix.Root {...state}>
    <Radix.Trigger asChild>{trigger}</Radix.Trigger>
    <Radix.Portal>
      <Radix.Content
        aria-label={label}
        sideOffset={6}
        collisionPadding={12}
        className="z-50 max-h-[min(60vh,var(--radix-popover-content-available-height))] w-88 max-w-[calc(100vw-24px)] overflow-y-auto rounded-lg border border-line bg-raised p-4 shadow-float"
      >
        {children}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
);
