import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type AskedFor, explainDocument } from "@/api/documents";
import { ErrorState, Skeleton } from "@/ui/states";
import { ExplainPopover, ExplanationTable } from "./explanation";

interface ExplainedProps {
  readonly collection: string;
  readonly id: string;
  /** JSON pointer of the derived number in the document. */
  readonly path: string;
  readonly label: string;
  readonly kind?: "money" | "quantity";
  readonly asked?: AskedFor;
  readonly children: ReactNode;
}

/** A derived number of a document; its rows add up to it exactly. */
export const Explained = ({ children, ...number }: ExplainedProps) => (
  <ExplainPopover label={number.label} content={<Rows {...number} />}>
    {children}
  </ExplainPopover>
);

function Rows({ collection, id, path, label, kind = "money", asked = {} }: Omit<ExplainedProps, "children">) {
  const { data, error, isPending } = useQuery({
    queryKey: ["document", id, "explain", asked],
    queryFn: () => explainDocument(collection, id, asked),
  });
  if (isPending) return <Skeleton className="h-16" />;
  if (error) return <ErrorState error={error} />;
  const explanation = data[path];
  if (!explanation) return <p className="text-muted">Nothing has contributed to this number yet.</p>;
  return <ExplanationTable label={label} kind={kind} rows={explanation.rows} value={explanation.value} />;
}
