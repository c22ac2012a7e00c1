import type { Conditions } from "./resources";

export type Operator = "eq" | "in" | "gte" | "lte";

export interface Condition {
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
}

const OPERATORS: readonly string[] = ["in", "gte", "lte"];

/** "in:draft,review" of a field, as the API and the addresses of lists write it. */
export const renderCondition = ({ operator, value }: Condition): string => (operator === "eq" ? value : `${operator}:${value}`);

export function parseCondition(field: string, text: string): Condition {
  const colon = text.indexOf(":");
  const operator = text.slice(0, Math.max(colon, 0));
  return OPERATORS.includes(operator)
    ? { field, operator: operator as Operator, value: text.slice(colon + 1) }
    : { field, operator: "eq", value: text };
}

/** What the API is asked for: a field named twice (from, to) has to fulfil both. */
export function renderConditions(conditions: readonly Condition[]): Conditions {
  const byField: Record<string, string[]> = {};
  for (const condition of conditions) byField[condition.field] = [...(byField[condition.field] ?? []), renderCondition(condition)];
  return byField;
}
