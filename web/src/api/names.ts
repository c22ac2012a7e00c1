import type { Named, Ref } from "./types";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isId = (text: string): boolean => UUID.test(text);

const CODES = ["code", "number", "sku"] as const;

/**
 * The API answers a reference by its id with its names beside it: `item`, `item_sku`, `item_name`, or under `expanded`
 * where it was asked to. Pages hold them as one value, so that a reference shows its name wherever it goes. Whatever has
 * no names stays as it is.
 */
export function withNames<Answer>(answer: Answer): Named<Answer> {
  return renamed(answer) as Named<Answer>;
}

type Expanded = Readonly<Record<string, { readonly code: string | null; readonly name: string | null } | null>>;

function renamed(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(renamed);
  if (typeof answer !== "object" || answer === null) return answer;
  const members = answer as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, typeof value === "string" && isId(value) ? named(members, name, value) : renamed(value)]),
  );
}

function named(members: Record<string, unknown>, member: string, id: string): Ref {
  const expanded = (members.expanded as Expanded | undefined)?.[member];
  const code = [...CODES.map((suffix) => members[`${member}_${suffix}`]), expanded?.code].find((text) => typeof text === "string");
  const name = members[`${member}_name`] ?? expanded?.name;
  if (typeof code !== "string" && typeof name !== "string") return id;
  return { id, ...(typeof code === "string" ? { code } : {}), ...(typeof name === "string" ? { name } : {}) };
}

export const isRef = (value: unknown): value is Exclude<Ref, string> =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";

/** What people call it: its name, else its code, else the text itself. An id alone is no name. */
export function refLabel(value: unknown): string {
  if (isRef(value)) return value.name ?? value.code ?? "";
  return typeof value === "string" && !isId(value) ? value : "";
}

/** What the API takes for it: the id where it is known, else the natural code as typed. */
export const refValue = (value: unknown): string | null => (isRef(value) ? value.id : typeof value === "string" ? value : null);
