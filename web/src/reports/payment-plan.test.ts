import { expect, it } from "vitest";
import type { Schemas } from "@/api/reports";
import { planPayments, settleable, spread } from "./payment-plan";

const item = (document: string, party: string, balance: string, currency = "EUR"): Schemas["OpenItemRow"] => ({
  document,
  document_type: "supplier_invoice",
  document_number: document,
  party,
  party_code: party,
  party_name: `The ${party}`,
  supplier_reference: null,
  document_date: "2026-01-01",
  due_on: "2026-01-31",
  days_overdue: 0,
  currency,
  total: balance,
  balance,
  balance_company: balance,
  payment_block: false,
  explain: null,
});

it("pays a supplier once for all that was chosen, and each currency by itself", () => {
  const plan = planPayments([item("1", "A", "10.10"), item("2", "B", "5.00"), item("3", "A", "0.95"), item("4", "A", "7.00", "USD")]);
  expect(plan.map(({ name, currency, amount, items }) => [name, currency, amount, items.map(({ document }) => document)])).toEqual([
    ["The A", "EUR", "11.05", ["1", "3"]],
    ["The B", "EUR", "5.00", ["2"]],
    ["The A", "USD", "7.00", ["4"]],
  ]);
});

it("lets money on account settle what is first due, as far as it is enough", () => {
  const blocked = { ...item("0", "A", "1.00"), payment_block: true };
  const advance = { ...item("9", "A", "-30.00"), document_type: "payment" };
  const open = [blocked, { ...item("1", "A", "50.00"), due_on: "2026-03-01" }, item("2", "A", "20.00"), item("3", "A", "5.00", "USD"), advance];
  const invoices = settleable(open, "invoice", "EUR");
  expect(invoices.map(({ id, open: left }) => [id, left])).toEqual([["2", "20.00"], ["1", "50.00"]]);
  expect([...spread("45.50", invoices)]).toEqual([["2", "20.00"], ["1", "25.50"]]);
  expect([...spread("20.00", invoices)]).toEqual([["2", "20.00"]]);
  expect(settleable(open, "payment", "EUR").map(({ id, open: left }) => [id, left])).toEqual([["9", "30.00"]]);
});
