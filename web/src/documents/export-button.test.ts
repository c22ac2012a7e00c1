import { expect, it } from "vitest";
import { tableOf } from "./export-button";
import { supplierInvoice } from "./types/billing";

it("exports the columns of the list by the names that people read, amounts as they are", () => {
  const row = {
    id: "i", type: "supplier_invoice", number: "SI-1", state: "active", phase: "active", supplier: { id: "s", name: "=Acme" },
    supplier_reference: "R-1", invoice_date: "2026-01-31", due_on: null, total: "-12.50", balance: "0.00", currency: "EUR",
  };
  expect(tableOf(supplierInvoice, [row])).toEqual([
    ["Number", "Status", "Supplier", "Supplier's number", "Invoice date", "Due", "Total", "Balance", "Currency"],
    ["SI-1", "Posted", "=Acme", "R-1", "2026-01-31", "", "-12.50", "0.00", "EUR"],
  ]);
});
