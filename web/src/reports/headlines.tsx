import type { ReactNode } from "react";
import { Money } from "@/ui/figures";

export interface Headline {
  readonly label: string;
  readonly amount: string;
  readonly note?: ReactNode;
}

/** The totals of a report, above its rows, where they are seen on every screen. */
export const Headlines = ({ figures }: { readonly figures: readonly Headline[] }) => (
  <dl className="flex flex-wrap gap-x-10 gap-y-2 border-b border-line px-4 py-3">
    {figures.map(({ label, amount, note }) => (
      <div key={label}>
        <dt className="text-xs text-muted">{label}</dt>
        <dd className="flex items-center gap-2 text-lg font-semibold">
          <Money amount={amount} />
          {note}
        </dd>
      </div>
    ))}
  </dl>
);
