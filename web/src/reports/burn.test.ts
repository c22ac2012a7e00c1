import { expect, it } from "vitest";
import { type BudgetRow, burnParts, tightest, usedPercent, yearsOf } from "./burn";

const row = (code: string, budgeted: string, remaining: string, more: Partial<BudgetRow> = {}): BudgetRow => ({
  budget: "b",
  budget_line: code,
  budget_name: "Purchasing",
  budget_number: null,
  code,
  name: null,
  control: "stop",
  fiscal_year: "2026",
  budgeted,
  remaining,
  actual: "0.00",
  encumbered: "0.00",
  pre_encumbered: "0.00",
  explain: null,
  ...more,
});

it("tells the used share of a budget exactly, beyond the whole too", () => {
  expect(usedPercent(row("A", "90000.00", "83261.50"))).toBe("7.5");
  expect(usedPercent(row("A", "100.00", "-20.00"))).toBe("120.0");
  expect(usedPercent(row("A", "0.00", "0.00"))).toBe("0.0");
});

it("puts the tightest budgets first", () => {
  const rows = [row("A", "100.00", "90.00"), row("B", "10.00", "-1.00"), row("C", "50.00", "5.00")];
  expect(tightest(rows, 2).map(({ code }) => code)).toEqual(["B", "C"]);
});

it("leaves parts without an amount out of the bar", () => {
  expect(burnParts(row("A", "10.00", "7.00", { encumbered: "3.00" })).map(({ label, value }) => [label, value])).toEqual([["Ordered", "3.00"]]);
});

it("lists the years latest first", () => {
  expect(yearsOf([row("A", "1", "1", { fiscal_year: "2024" }), row("B", "1", "1"), row("C", "1", "1")])).toEqual(["2026", "2024"]);
});
