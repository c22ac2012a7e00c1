import { isDecimal } from "./decimal";

/** What spreadsheets take for the beginning of a formula, also after blanks and in its wide forms. */
const FORMULA = /^\s*[=+\-@＝＋－＠|]|^[\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One cell. A text that a spreadsheet would run is led by an apostrophe; numbers stay numbers. */
function cell(text: string): string {
  const safe = FORMULA.test(text) && !isDecimal(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of cells as RFC 4180 has them, led by the mark by which spreadsheets know UTF-8. */
export const toCsv = (rows: readonly (readonly string[])[]): string => `\uFEFF${rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("")}`;
