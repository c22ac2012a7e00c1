import type { ApiError, FieldError } from "@/api/errors";
import type { GridLine } from "../grid/store";
import type { DocumentType } from "../types/shape";

export interface Placed {
  /** By header field. */
  readonly header: ReadonlyMap<string, string>;
  /** By "line key/field"; "line key/" for the line as a whole. */
  readonly lines: ReadonlyMap<string, string>;
  /** Whether every field named by the refusal has its place in the form. */
  readonly complete: boolean;
}

export const NOTHING_WRONG: Placed = { header: new Map(), lines: new Map(), complete: true };

/**
 * A refusal's fields at their places. `details.fields` points with JSON pointers, under `changes` into an amendment; a refusal of one line (over-receipt,
 * budget) may name it as `details.line`, counted from 1.
 */
export function placeErrors(type: DocumentType, error: ApiError, sent: readonly GridLine[]): Placed {
  const header = new Map<string, string>();
  const lines = new Map<string, string>();
  let complete = error.fields.length > 0;
  for (const field of error.fields) {
    const [root = "", index, member = ""] = field.path.replace(/^\/changes(?=\/)/, "").split("/").slice(1);
    const line = root === type.linesName && index !== undefined ? sent[Number(index)] : undefined;
    if (line) lines.set(`${line.key}/${type.lines.some((spec) => spec.name === member) ? member : ""}`, describe(field));
    else if (type.header.some((spec) => spec.name === root)) header.set(root, describe(field));
    else complete = false;
  }
  const refused = typeof error.details.line === "number" ? sent[error.details.line - 1] : undefined;
  if (refused) lines.set(`${refused.key}/`, error.message);
  return { header, lines, complete };
}

const describe = (field: FieldError): string =>
  field.allowed === undefined || typeof field.allowed === "object" || field.message.includes(String(field.allowed))
    ? field.message
    : `${field.message} Allowed: ${String(field.allowed)}.`;
