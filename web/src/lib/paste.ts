/**
 * Cells of a block copied from a spreadsheet: rows by line break, columns by tab. Quoted cells may hold tabs, line
 * breaks and doubled quotes, as spreadsheets write them. A last empty row is the trailing line break, not a row.
 */
export function parseBlock(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let started = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
    started = false;
  };
  const endRow = () => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && !started) {
      quoted = true;
      started = true;
    } else if (sign === "\t") endCell();
    else if (sign === "\n") endRow();
    else if (sign !== "\r") {
      cell += sign;
      started = true;
    }
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}

const needsQuotes = /[\t\n"]/;

/** The block as a spreadsheet takes it. */
export const renderBlock = (rows: readonly (readonly string[])[]): string =>
  rows
    .map((row) => row.map((cell) => (needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t"))
    .join("\n");
