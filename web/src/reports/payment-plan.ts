import type { Schemas } from "@/api/reports";
import { sum } from "@/lib/decimal";

type Item = Schemas["OpenItemRow"];

/** One payment of a run: everything chosen that is owed to one supplier in one currency. */
export interface PlannedPayment {
  readonly party: string;
  readonly name: string;
  readonly currency: string;
  readonly amount: string;
  readonly items: readonly Item[];
}

/** As few payments as settle the items in full, in the order in which their suppliers come first. */
export function planPayments(items: readonly Item[]): PlannedPayment[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = `${item.party} ${item.currency}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first
      ? [{ party: first.party, name: first.party_name, currency: first.currency, amount: sum(group.map((item) => item.balance)), items: group }]
      : [];
  });
}
