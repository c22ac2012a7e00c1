import type { Schemas } from "@/api/reports";
import { add, compare } from "@/lib/decimal";

export interface Committed {
  readonly supplier: string;
  readonly name: string;
  readonly amount: string;
}

/** What orders hold, summed by supplier, most first. */
export function bySupplier(rows: readonly Schemas["CommitmentLine"][]): Committed[] {
  const sums = new Map<string, Committed>();
  for (const { supplier, supplier_name: name, amount } of rows) {
    if (supplier === null) continue;
    const before = sums.get(supplier);
    sums.set(supplier, { supplier, name: name ?? supplier, amount: before ? add(before.amount, amount) : amount });
  }
  return [...sums.values()].sort((a, b) => compare(b.amount, a.amount));
}
