import { add, compare, isDecimal, multiply, round, subtract, sum } from "@/lib/decimal";
import type { Total, Values } from "./types/shape";

export const decimalOf = (value: unknown): string | null => (typeof value === "string" && isDecimal(value) ? value : null);

/** Quantity times price, rounded half up to the currency's digits; null while either is missing. */
export function lineAmount(line: Values, digits: number): string | null {
  const quantity = decimalOf(line.quantity);
  const price = decimalOf(line.unit_price);
  return quantity === null || price === null ? null : round(multiply(quantity, price), digits);
}

export function netTotal(lines: readonly Values[], _header: Values, digits: number): readonly Total[] {
  const amounts = lines.map((line) => lineAmount(line, digits)).filter((amount) => amount !== null);
  return [{ label: "Net", value: round(sum(amounts), digits) }];
}

export function quantityTotal(lines: readonly Values[]): readonly Total[] {
  return [{ label: "Quantity", kind: "quantity", value: sum(lines.map((line) => decimalOf(line.quantity) ?? "0")) }];
}

/** Debits, credits and what is missing to balance. */
export function balanceTotals(lines: readonly Values[], _header: Values, digits: number): readonly Total[] {
  const total = (name: string) => round(sum(lines.map((line) => decimalOf(line[name]) ?? "0")), digits);
  const debit = total("debit");
  const credit = total("credit");
  return [
    { label: "Debit", value: debit },
    { label: "Credit", value: credit },
    { label: "Difference", value: subtract(debit, credit), wrong: compare(debit, credit) !== 0 },
  ];
}

export function budgetTotal(lines: readonly Values[], _header: Values, digits: number): readonly Total[] {
  return [{ label: "Budgeted", value: round(sum(lines.map((line) => decimalOf(line.amount) ?? "0")), digits) }];
}

/** What a payment's allocations use of its amount. */
export function allocationTotals(lines: readonly Values[], header: Values, digits: number): readonly Total[] {
  const allocated = round(sum(lines.map((line) => decimalOf(line.amount) ?? "0")), digits);
  const amount = round(decimalOf(header.amount) ?? "0", digits);
  const open = subtract(amount, allocated);
  return [
    { label: "Allocated", value: allocated },
    { label: "Unallocated", value: open, wrong: compare(open, "0") < 0 },
  ];
}

/** `whole` less `taken`, never below zero. */
export function remaining(whole: unknown, taken: unknown): string {
  const left = subtract(decimalOf(whole) ?? "0", decimalOf(taken) ?? "0");
  return compare(left, "0") > 0 ? left : "0";
}

export const addAll = (values: readonly (string | null)[]): string =>
  values.reduce<string>((total, value) => (value === null ? total : add(total, value)), "0");
