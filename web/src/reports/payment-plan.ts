import type { Schemas } from "@/api/reports";
import { compare, isNegative, negate, subtract, sum } from "@/lib/decimal";

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

/** What a posted payment could settle, and how much of it is open. */
export interface Settleable {
  readonly id: string;
  readonly label: string;
  readonly due: string;
  readonly open: string;
}

/** First due first: invoices that may be paid, or payments that are on account and of which money can come back. */
export function settleable(items: readonly Item[], by: "invoice" | "payment", currency: string): Settleable[] {
  const fits = (item: Item): boolean =>
    by === "invoice"
      ? item.document_type === "supplier_invoice" && !item.payment_block && compare(item.balance, "0") > 0
      : item.document_type === "payment" && isNegative(item.balance);
  return items
    .filter((item) => item.currency === currency && fits(item))
    .sort((a, b) => a.due_on.localeCompare(b.due_on))
    .map((item) => ({
      id: item.document,
      label: [item.document_number, item.supplier_reference].filter(Boolean).join(", "),
      due: item.due_on,
      open: by === "invoice" ? item.balance : negate(item.balance),
    }));
}

/** As much of each in turn as the money is enough for. */
export function spread(money: string, items: readonly Settleable[]): ReadonlyMap<string, string> {
  const amounts = new Map<string, string>();
  let left = money;
  for (const { id, open } of items) {
    if (compare(left, "0") <= 0) break;
    const amount = compare(left, open) < 0 ? left : open;
    amounts.set(id, amount);
    left = subtract(left, amount);
  }
  return amounts;
}
