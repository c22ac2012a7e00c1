"use client";

import { useMay } from "@/api/permissions";
import type { BusinessDocument } from "@/api/types";
import { minorDigits } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Allocation } from "@/reports/allocation";
import { DocumentEntries } from "@/reports/document-entries";
import { PhaseBadge } from "@/ui/badge";
import { DateText, Money } from "@/ui/figures";
import { PageHeader } from "@/ui/page-header";
import { Reference } from "@/ui/reference";
import { EmptyState, ErrorState, LoadingRows, Skeleton } from "@/ui/states";
import { StatusPath, type Step } from "@/ui/status-path";
import { Tabs } from "@/ui/tabs";
import { ActionBar } from "./action-bar";
import { Attachments } from "./attachments";
import { Explained } from "./explain";
import { Facets } from "./facets";
import { Audit, Timeline } from "./history";
import { LinesTable } from "./lines-table";
import { Links } from "./links";
import { Notices } from "./notices";
import { listHref, typeOf } from "./registry";
import { TotalFigure } from "./total-figure";
import type { DocumentType, FieldSpec, Total, Values } from "./types/shape";
import { useActions, useDocument } from "./use-document";
import { FieldValue } from "./value";

/** One page for every type of document; what differs is told by its type. */
export function DocumentPage() {
  const [params] = useUrlState();
  const id = params.get("id") ?? "";
  const { data: document, error, isPending, refetch } = useDocument(id);
  if (!id) return <EmptyState title="No document chosen">The address names no id. Open a document from a list or the search.</EmptyState>;
  if (isPending) return <LoadingRows label="Loading the document" />;
  if (!document) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const type = typeOf(document.type);
  if (!type) return <EmptyState title={document.number ?? "Document"}>There is no page for documents of the type {document.type} yet.</EmptyState>;
  return (
    <>
      {error ? (
        <div className="mb-4">
          <ErrorState error={error} onRetry={() => void refetch()} />
        </div>
      ) : null}
      <Loaded type={type} document={document} />
    </>
  );
}

interface LoadedProps {
  readonly type: DocumentType;
  readonly document: BusinessDocument;
}

function Loaded({ type, document }: LoadedProps) {
  const [params, update] = useUrlState();
  const name = document.number ?? `Draft ${type.singular.toLowerCase()}`;
  const lines = (document[type.linesName] as readonly Values[] | undefined) ?? [];
  const mayReadEntries = useMay()("ledger.journal_entry.read");
  return (
    <>
      <PageHeader
        crumb={{ href: listHref(type), label: type.plural }}
        name={name}
        title={
          <>
            {name}
            <StateBadge document={document} />
            <Facets document={document} />
            {document.total ? <Money amount={document.total} currency={document.currency} className="font-normal text-muted" /> : null}
          </>
        }
        actions={<ActionBar type={type} document={document} />}
      />
      <div className="mb-4">
        <Path document={document} />
      </div>
      <Notices document={document} />
      <section aria-label="Details" className="panel mb-4 p-4">
        <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 xl:grid-cols-5">
          {[...type.header, ...type.facts].filter((spec) => !isTotal(spec)).map((spec) => (
            <Fact key={spec.name} type={type} document={document} spec={spec} />
          ))}
          <div>
            <dt className="text-xs text-muted">Created</dt>
            <dd>
              <Reference value={document.created_by} />, <DateText date={document.created_at} />
            </dd>
          </div>
        </dl>
      </section>
      {lines.length > 0 ? (
        <section aria-label={`${type.lineLabel}s`} className="panel mb-4 overflow-hidden">
          <LinesTable type={type} document={document} />
          <Totals type={type} document={document} lines={lines} />
        </section>
      ) : null}
      {type.code === "payment" ? <Allocation document={document} /> : null}
      <section aria-label="History and files" className="panel" data-print="none">
        <Tabs
          label="History and files"
          value={params.get("tab") ?? "timeline"}
          onValue={(tab) => update({ tab: tab === "timeline" ? null : tab })}
          tabs={[
            { value: "timeline", label: "Activity", content: <Timeline id={document.id} /> },
            { value: "links", label: "Links", count: document.links.length, content: <Links id={document.id} /> },
            { value: "attachments", label: "Attachments", content: <Attachments id={document.id} /> },
            ...(mayReadEntries ? [{ value: "entries", label: "Bookings", content: <DocumentEntries id={document.id} /> }] : []),
            { value: "audit", label: "Audit", content: <Audit document={document} /> },
          ]}
        />
      </section>
    </>
  );
}

/** Its state by the name that the workflow gives it. */
function StateBadge({ document }: { readonly document: BusinessDocument }) {
  const { data } = useActions(document.id);
  const state = data?.states.find((candidate) => candidate.code === document.state);
  return <PhaseBadge phase={document.phase} state={state?.name ?? document.state} />;
}

function Fact({ type, document, spec }: LoadedProps & { readonly spec: FieldSpec }) {
  const value = document[spec.name];
  if (value === null || value === undefined || value === "") return null;
  const shown = <FieldValue spec={spec} values={document} currency={document.currency} linked />;
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{spec.label}</dt>
      <dd className="break-words">
        {spec.explain ? (
          <Explained collection={type.collection} id={document.id} path={`/${spec.name}`} label={spec.label}>
            {shown}
          </Explained>
        ) : (
          shown
        )}
      </dd>
    </div>
  );
}

/** Shown below the lines that it sums. */
const isTotal = (spec: FieldSpec): boolean => spec.kind === "money" && spec.name.endsWith("total");

/** The server's totals; only a type without any is summed here, from its own lines. */
function Totals({ type, document, lines }: LoadedProps & { readonly lines: readonly Values[] }) {
  const own = type.facts.filter((spec) => isTotal(spec) && typeof document[spec.name] === "string");
  const totals: readonly Total[] =
    own.length > 0
      ? own.map((spec) => ({ label: spec.label, value: document[spec.name] as string }))
      : type.totals(lines, document, minorDigits(document.currency));
  return (
    <dl className="flex flex-col items-end gap-1 px-4 py-3">
      {totals.map((total, index) => (
        <div key={total.label} className={`flex w-56 justify-between gap-6 ${index === totals.length - 1 ? "font-semibold" : "text-muted"}`}>
          <dt>{total.label}</dt>
          <dd>
            <TotalFigure total={total} currency={document.currency} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The states of its workflow; of one that has stopped, where it began and where it ended. */
function Path({ document }: { readonly document: BusinessDocument }) {
  const { data } = useActions(document.id);
  if (!data) return <Skeleton className="h-6 w-80" />;
  const stopped = document.phase === "void";
  const states = data.states.filter((state, index) => (stopped ? index === 0 || state.code === document.state : state.phase !== "void"));
  const at = states.findIndex((state) => state.code === document.state);
  const approval = data.data.find((offer) => offer.action === "approve");
  const waits = document.phase === "review" && approval && approval.approvals_needed > 0;
  const steps = states.map(
    (state, index): Step => ({
      key: state.code,
      label: state.name,
      status: index < at ? "done" : index > at ? "next" : stopped ? "stopped" : "now",
      note: index === at && waits ? `${approval.approvals_given} of ${approval.approvals_needed} approvals` : undefined,
    }),
  );
  return <StatusPath steps={steps} />;
}
