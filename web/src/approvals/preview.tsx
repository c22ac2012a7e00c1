import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { act } from "@/api/documents";
import { refLabel } from "@/api/names";
import type { BusinessDocument, Task } from "@/api/types";
import { LinesTable } from "@/documents/lines-table";
import { Notices } from "@/documents/notices";
import { documentHref, typeOf } from "@/documents/registry";
import type { DocumentType } from "@/documents/types/shape";
import { useDocument } from "@/documents/use-document";
import { FieldValue } from "@/documents/value";
import { humanize } from "@/lib/format";
import { Age, Money } from "@/ui/figures";
import { ErrorState, LoadingRows } from "@/ui/states";
import { BudgetImpact } from "./budget-impact";

/** The document that waits, in short: who wants what, for how much, and what it leaves of the budget. */
export function Preview({ task }: { readonly task: Task }) {
  const { data: document, error, refetch } = useDocument(task.document);
  const type = typeOf(task.type);
  return (
    <article aria-label={task.number ?? "Draft"}>
      <header className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 px-4 pt-3 pb-2">
        <div>
          <h2 className="text-lg font-semibold">
            <Link href={documentHref(task.type, task.document)} className="quiet-link">
              {task.number ?? "Draft"}
            </Link>
          </h2>
          <p className="text-muted">
            {type?.singular ?? humanize(task.type)} by {refLabel(task.created_by)}, <Age instant={task.created_at} />
          </p>
        </div>
        <Money amount={task.total} currency={task.currency} className="text-xl font-semibold" />
      </header>
      {error ? (
        <div className="p-4">
          <ErrorState error={error} onRetry={() => void refetch()} />
        </div>
      ) : document && type ? (
        <Content type={type} document={document} task={task} />
      ) : (
        <LoadingRows rows={4} label="Loading the document" />
      )}
    </article>
  );
}

interface ContentProps {
  readonly type: DocumentType;
  readonly document: BusinessDocument;
  readonly task: Task;
}

function Content({ type, document, task }: ContentProps) {
  const facts = type.header.filter((spec) => document[spec.name] !== null && document[spec.name] !== undefined);
  return (
    <>
      <dl className="flex flex-wrap gap-x-8 gap-y-2 px-4 pb-3">
        {facts.map((spec) => (
          <div key={spec.name}>
            <dt className="text-xs text-muted">{spec.label}</dt>
            <dd>
              <FieldValue spec={spec} values={document} />
            </dd>
          </div>
        ))}
      </dl>
      <div className="px-4">
        <Notices document={document} />
      </div>
      <LinesTable type={type} document={document} />
      <div className="px-4 py-3">
        <Impact type={type} document={document} task={task} />
      </div>
    </>
  );
}

/** The dry run of the decision: what it does to the budget, or why it would be refused. */
function Impact({ type, document, task }: ContentProps) {
  const { id, version } = document;
  const { data, error } = useQuery({
    queryKey: ["document", id, "preview", task.action, version],
    queryFn: () => act(type.collection, id, task.action, {}, { version, dryRun: true }),
    retry: false,
  });
  if (error) return <ErrorState error={error} />;
  return <BudgetImpact company={task.company_code} changes={data?.effects?.budget ?? []} />;
}
