import { isRef, refValue } from "@/api/names";
import { same } from "@/lib/merge";
import { type GridLine, isBlank } from "../grid/store";
import type { DocumentType, Draft, Values } from "../types/shape";

/** The members of a document that its form holds. */
export function contentOf(type: DocumentType, document: Values): Draft {
  const lines = (document[type.linesName] as readonly Values[] | undefined) ?? [];
  return {
    header: pick(document, headerNames(type)),
    lines: lines.map((line) => pick(line, ["id", ...lineNames(type), ...shownOnly(type)])),
  };
}

/** What an empty form begins with. */
export const emptyDraft = (type: DocumentType): Draft => ({
  header: Object.fromEntries(type.header.flatMap((spec) => (spec.initial ? [[spec.name, spec.initial()]] : []))),
  lines: Array.from({ length: type.minLines }, () => ({})),
});

/** The lines that are sent: those in which something was entered, in their order. */
export const sentLines = (type: DocumentType, lines: readonly GridLine[]): readonly GridLine[] =>
  lines.filter((line) => !isBlank(pick(line.values, lineNames(type))));

/** The body that creates: empty fields are left out, so that the server's defaults hold. */
export function createBody(type: DocumentType, header: Values, lines: readonly GridLine[]): Record<string, unknown> {
  const sent = sentLines(type, lines).map((line) => sentLine(type, line.values, lineNames(type)));
  return { ...filled(pick(header, headerNames(type))), ...(sent.length > 0 || type.minLines > 0 ? { [type.linesName]: sent } : {}) };
}

/** The merge patch from `base` to what stands in the form; emptied fields become null. */
export function patchBody(type: DocumentType, base: Draft, header: Values, lines: readonly GridLine[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const spec of type.header) {
    if (spec.createOnly || spec.readOnly || same(blankToNull(header[spec.name]), blankToNull(base.header[spec.name]))) continue;
    body[spec.name] = plain(blankToNull(header[spec.name]));
  }
  const names = ["id", ...lineNames(type)];
  const now = sentLines(type, lines).map((line) => sentLine(type, line.values, names));
  const before = base.lines.map((line) => sentLine(type, line, names));
  if (!same(now, before)) body[type.linesName] = now;
  return body;
}

const sentLine = (type: DocumentType, values: Values, names: readonly string[]): Record<string, unknown> => {
  const line = pick(values, names);
  return filled(type.sent ? type.sent(line) : line);
};

const headerNames = (type: DocumentType): string[] => type.header.filter((spec) => !spec.readOnly).map((spec) => spec.name);

const lineNames = (type: DocumentType): string[] => [
  ...type.lines.filter((spec) => !spec.readOnly).map((spec) => spec.name),
  ...type.carried,
];

const shownOnly = (type: DocumentType): string[] => type.lines.filter((spec) => spec.readOnly && !spec.explain).map((spec) => spec.name);

const pick = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));

const blankToNull = (value: unknown): unknown => (value === "" || value === undefined ? null : value);

/** References go by id; texts as they are. */
const plain = (value: unknown): unknown => (isRef(value) ? refValue(value) : value);

const filled = (values: Values): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => blankToNull(value) !== null)
      .map(([name, value]) => [name, plain(value)]),
  );
