import Link from "next/link";
import type { ReactNode } from "react";
import { sum } from "@/lib/decimal";
import { formatInstant } from "@/lib/format";
import { DateText, Money, Quantity } from "@/ui/figures";
import { Popover } from "@/ui/popover";
import { documentHref } from "./registry";

/** One contribution to a derived number. */
export interface SourceRow {
  readonly document: string;
  readonly document_type: string | null;
  readonly document_number: string | null;
  readonly date: string;
  readonly amount: string;
}

interface ExplainPopoverProps {
  readonly label: string;
  /** The figure itself. */
  readonly children: ReactNode;
  /** Rendered once it is opened: an explanation is looked up when somebody asks for it. */
  readonly content: ReactNode;
}

/** A derived number that opens the rows it came from. */
export const ExplainPopover = ({ label, children, content }: ExplainPopoverProps) => (
  <Popover
    label={`${label}: where it comes from`}
    trigger={
      <button
        type="button"
        title="Where it comes from"
        className="relative z-1 -mx-0.5 rounded-sm px-0.5 underline decoration-edge decoration-dotted underline-offset-3 hover:bg-hover hover:text-accent"
      >
        {children}
      </button>
    }
  >
    {content}
  </Popover>
);

interface ExplanationTableProps {
  readonly label: string;
  readonly rows: readonly SourceRow[];
  /** What the rows add up to, exactly. */
  readonly value: string;
  readonly knownAt?: string | null | undefined;
  readonly kind?: "money" | "quantity";
}

const SHOWN = 100;

/** The latest rows; older ones are one row with their sum, so that what is shown always adds up. */
export function ExplanationTable({ label, rows, value, knownAt, kind = "money" }: ExplanationTableProps) {
  const older = rows.slice(0, -SHOWN);
  const figure = (amount: string) => (kind === "money" ? <Money amount={amount} /> : <Quantity quantity={amount} />);
  return (
    <table className="w-full">
      <caption className="pb-1.5 text-left font-semibold">{label}</caption>
      <tbody>
        {older.length > 0 ? (
          <tr className="text-muted">
            <td colSpan={2} className="border-b border-line py-1">
              {older.length} earlier rows
            </td>
            <td className="border-b border-line py-1 text-right">{figure(sum(older.map((row) => row.amount)))}</td>
          </tr>
        ) : null}
        {rows.slice(-SHOWN).map((row, index) => (
          <tr key={index}>
            <td className="border-b border-line py-1 pr-2">
              <Link className="link" href={documentHref(row.document_type, row.document)}>
                {row.document_number ?? "Draft"}
              </Link>
            </td>
            <td className="border-b border-line py-1 pr-2 text-muted">
              <DateText date={row.date} />
            </td>
            <td className="border-b border-line py-1 text-right">{figure(row.amount)}</td>
          </tr>
        ))}
        {rows.length === 0 ? (
          <tr>
            <td className="py-1 text-muted">Nothing has contributed to this number yet.</td>
          </tr>
        ) : null}
      </tbody>
      <tfoot className="sticky -bottom-4 bg-raised">
        <tr className="font-semibold">
          <th scope="row" colSpan={2} className="py-1.5 text-left">
            Sum
          </th>
          <td className="py-1.5 text-right">{figure(value)}</td>
        </tr>
        {knownAt ? (
          <tr>
            <td colSpan={3} className="text-2xs text-faint">
              As known at {formatInstant(knownAt)}
            </td>
          </tr>
        ) : null}
      </tfoot>
    </table>
  );
}
