import { expect, it } from "vitest";
import type { Schemas } from "@/api/reports";
import { bySupplier } from "./by-supplier";

const line = (supplier: string | null, amount: string): Schemas["CommitmentLine"] => ({
  kind: "encumbered",
  document: "d",
  document_number: "PO-1",
  line: `${supplier} ${amount}`,
  description: null,
  supplier,
  supplier_name: supplier && supplier.toUpperCase(),
  budget_line: null,
  budget_line_code: null,
  amount,
  explain: null,
});

it("sums what each supplier's orders hold, most first, and leaves requisitions without a supplier out", () => {
  expect(bySupplier([line("a", "0.10"), line("b", "5.00"), line(null, "99.00"), line("a", "0.20")])).toEqual([
    { supplier: "b", name: "B", amount: "5.00" },
    { supplier: "a", name: "A", amount: "0.30" },
  ]);
});
