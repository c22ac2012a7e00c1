import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { explainDocument } from "@/api/documents";
import type { Explanation, ExplanationRow } from "@/api/types";
import { formatInstant } from "@/lib/format";
import { DateText, Money } from "@/ui/figures";
import { Popover } from "@/ui/popover";
import { ErrorState, Skeleton } from "@/ui/states";
import { documentHref } from "./registry";

interface ExplainedProps {
  readonly collection: string;
  readonly id: string;
  /** JSON pointer of the derived number in the document. */
  readonly path: string;
  readonly label: string;
  readonly children: ReactNode;
}

/** A derived number that opens the rows it came from; they add up to it exactly. */
export function Explained({ collection, id, path, label, children }: ExplainedProps) {
  return (
    <Popover
      label={`${label}: where it comes from`}
      trigger={
        <button
          type="button"
          title="Where it comes from"
          className="relative z-1 rounded-sm px-0.5 underline decoration-edge decoration-dotted underline-offset-3 hover:bg-hover hover:text-accent"
        >
          {children}
        </button>
      }
    >
      <Rows collection={collection} id={id} path={path} label={label} />
    </Popover>
  );
}

function Rows({ collection, id, path, label }: Omit<ExplainedProps, "children">) {
  const { data, error, isPending } = useQuery({
    queryKey: ["document", id, "explain"],
    queryFn: () => explainDocument(collection, id),
  });
  if (isPending) return <Skeleton className="h-16" />;
  if (error) return <ErrorState error={error} />;
  const explanation = data[path];
  if (!explanation) return <p className="text-muted">Nothing has contributed to this number yet.</p>;
  return <ExplanationTable label={label} explanation={explanation} />;
}

export const ExplanationTable = ({ label, explanation }: { readonly label: string; readonly explanation: Explanation }) => (
  <table className="w-full">
    <caption className="pb-1.5 text-left font-semibold">{label}</caption>
    <tbody>
      {explanation.rows.map((row, index) => (
        <tr key={index}>
          <td className="border-b border-line py-1 pr-2">
            <RowSource row={row} />
          </td>
          <td className="border-b border-line py-1 pr-2 text-muted">
            <DateText date={row.date} />
          </td>
          <td className="border-b border-line py-1 text-right">
            <Money amount={row.amount ?? row.quantity} />
          </td>
        </tr>
      ))}
      {explanation.rows.length === 0 ? (
        <tr>
          <td className="py-1 text-muted">No rows yet.</td>
        </tr>
      ) : null}
    </tbody>
    <tfoot>
      <tr className="font-semibold">
        <th scope="row" colSpan={2} className="py-1.5 text-left">
          Sum
        </th>
        <td className="py-1.5 text-right">
          <Money amount={explanation.value} />
        </td>
      </tr>
      {explanation.known_at ? (
        <tr>
          <td colSpan={3} className="text-2xs text-faint">
            As known at {formatInstant(explanation.known_at)}
          </td>
        </tr>
      ) : null}
    </tfoot>
  </table>
);

function RowSource({ row }: { readonly row: ExplanationRow }) {
  const { document } = row;
  if (document === null) return <span>–</span>;
  const [type, id, number] = typeof document === "string" ? [null, document, null] : [document.type, document.id, document.number];
  return (
    <Link className="link" href={documentHref(type, id)}>
      {number ?? id.slice(0, 8)}
    </Link>
  );
}
