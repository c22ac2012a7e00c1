import { expect, it } from "vitest";
import { permits } from "./permissions";

it("takes a star for one or more parts, at any place", () => {
  expect(permits(["*"], "ledger.budget.read")).toBe(true);
  expect(permits(["ledger.*"], "ledger.trial_balance.read")).toBe(true);
  expect(permits(["*.read"], "billing.open_item.read")).toBe(true);
  expect(permits(["billing.*.read"], "billing.payment.read")).toBe(true);
});

it("does not reach beyond what a pattern names", () => {
  expect(permits(["ledger.budget.read"], "ledger.budget_vs_actual.read")).toBe(false);
  expect(permits(["*.read"], "ledger.budget.approve")).toBe(false);
  expect(permits(["ledger.*"], "ledger")).toBe(false);
  expect(permits([], "ledger.budget.read")).toBe(false);
});
