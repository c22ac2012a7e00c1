import type { BusinessDocument } from "@/api/types";
import { minorDigits } from "@/lib/format";
import { type Column, DataTable } from "@/ui/data-table";
import { Money, Quantity } from "@/ui/figures";
import { lineAmount } from "./amounts";
import { Explained } from "./explain";
import type { DocumentType, LineColumn, Values } from "./types/shape";
import { FieldValue, isFigure } from "./value";

interface LinesTableProps {
  readonly type: DocumentType;
  readonly document: BusinessDocument;
}

interface NumberedLine {
  readonly index: number;
  readonly line: Values;
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === "";

/** The lines as recorded; columns that no line fills are left out. */
export function LinesTable({ type, document }: LinesTableProps) {
  const digits = minorDigits(document.currency);
  const lines = ((document[type.linesName] as readonly Values[] | undefined) ?? []).map((line) =>
    line.net_amount === undefined ? { ...line, net_amount: lineAmount(line, digits) } : line,
  );
  const shown = type.lines.filter((spec) => lines.some((line) => !isEmpty(line[spec.name])));
  const named = shown.filter(({ name }) => name === "description" || name === "item");
  const titles = named.length > 0 ? named : shown.slice(0, 1);
  const columns: Column<NumberedLine>[] = shown.map((spec) => ({
    key: spec.name,
    header: spec.label,
    cell: ({ line, index }) => <LineValue type={type} document={document} spec={spec} line={line} index={index} />,
    ...(isFigure(spec) ? { align: "end" as const } : {}),
    narrow: titles.includes(spec) ? "title" : spec.name === "net_amount" || spec.name === "amount" ? "end" : spec.explain || spec.name === "debit" || spec.name === "credit" ? "labelled" : "detail",
  }));
  return (
    <DataTable
      label={`${type.lineLabel}s`}
      columns={[{ key: "position", header: "#", cell: ({ index }) => <span className="text-faint">{index + 1}</span> }, ...columns]}
      rows={lines.map((line, index) => ({ line, index }))}
      rowKey={({ line, index }) => String(line.id ?? index)}
    />
  );
}

interface LineValueProps extends LinesTableProps {
  readonly spec: LineColumn;
  readonly line: Values;
  readonly index: number;
}

function LineValue({ type, document, spec, line, index }: LineValueProps) {
  // Beside many columns words would stand one below the other.
  if (spec.name === "description") return <span className="sm:block sm:min-w-56"><FieldValue spec={spec} values={line} linked /></span>;
  if (!spec.explain || isEmpty(line[spec.name])) return <FieldValue spec={spec} values={line} linked />;
  const figure = spec.kind === "quantity" ? <Quantity quantity={line[spec.name]} /> : <Money amount={line[spec.name]} />;
  return (
    <Explained
      collection={type.collection}
      id={document.id}
      path={`/${type.linesName}/${index}/${spec.name}`}
      label={spec.label}
      kind={spec.kind === "quantity" ? "quantity" : "money"}
    >
      {figure}
    </Explained>
  );
}
