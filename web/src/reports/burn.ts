import type { Schemas } from "@/api/reports";
import { compare, divide, isZero, multiply, subtract } from "@/lib/decimal";
import type { Part } from "@/ui/charts";

export type BudgetRow = Schemas["BudgetVersusActualRow"];

const PARTS = [
  { key: "actual", label: "Actual", colour: "var(--chart-1)" },
  { key: "encumbered", label: "Ordered", colour: "var(--chart-2)" },
  { key: "pre_encumbered", label: "Requested", colour: "var(--chart-3)" },
] as const;

export const BURN_LEGEND: readonly Omit<Part, "value">[] = PARTS;

/** What a budget line has given out, in the order in which money becomes certain. */
export const burnParts = (row: BudgetRow): Part[] =>
  PARTS.map((part) => ({ ...part, value: row[part.key] })).filter((part) => !isZero(part.value));

/** The share of the budget that is no longer free, in per cent with one decimal. */
export const usedPercent = (row: BudgetRow): string =>
  isZero(row.budgeted) ? "0.0" : divide(multiply(subtract(row.budgeted, row.remaining), "100"), row.budgeted, 1);

/** Fiscal years of the rows, latest first. */
export const yearsOf = (rows: readonly BudgetRow[]): string[] => [...new Set(rows.map((row) => row.fiscal_year))].sort().reverse();

/** The lines that have least left of what they were given, tightest first. */
export const tightest = (rows: readonly BudgetRow[], count: number): BudgetRow[] =>
  [...rows].sort((a, b) => compare(usedPercent(b), usedPercent(a))).slice(0, count);
