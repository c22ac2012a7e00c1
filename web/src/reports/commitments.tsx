"use client";

import { type Schemas, useReport } from "@/api/reports";
import { ExplainPopover, ExplanationTable } from "@/documents/explanation";
import { documentHref } from "@/documents/registry";
import { ConditionChip } from "@/ui/filter-bar";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { DocumentNumber, Money } from "@/ui/figures";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Headlines } from "./headlines";
import { LongTable } from "./long-table";
import { type Moment, useMoment } from "./moment";
import { PartyFilter } from "./party-filter";
import { ReportPage } from "./report-page";
import { SumRow } from "./sum-row";

type Row = Schemas["CommitmentLine"];

const TYPES: Readonly<Record<string, string>> = { pre_encumbered: "requisition", encumbered: "purchase_order" };

/** What approved requisitions and orders still hold of the budgets, line by line. */
export function CommitmentsPage() {
  const { moment, params, update } = useMoment();
  const supplier = params.get("supplier");
  const budgetLine = params.get("budget_line");
  const query = { ...(supplier ? { supplier } : {}), ...(budgetLine ? { budget_line: budgetLine } : {}) };
  const columns: Column<Row>[] = [
    { key: "document", header: "Document", cell: (row) => <DocumentNumber number={row.document_number} />, narrow: "title" },
    {
      key: "kind",
      header: "Held by",
      cell: (row) => (row.kind === "encumbered" ? <Badge tone="accent">Order</Badge> : <Badge>Requisition</Badge>),
      narrow: "detail",
    },
    { key: "supplier", header: "Supplier", cell: (row) => row.supplier_name, narrow: "detail" },
    { key: "description", header: "Line", cell: (row) => row.description, narrow: "detail" },
    { key: "budget_line", header: "Budget line", cell: (row) => row.budget_line_code, narrow: "detail" },
    {
      key: "amount",
      header: "Amount",
      cell: (row) => (
        <ExplainPopover label={`${row.document_number}`} content={<Rows query={{ ...moment, ...query, ...(row.supplier ? { supplier: row.supplier } : {}) }} line={row.line} />}>
          <Money amount={row.amount} />
        </ExplainPopover>
      ),
      align: "end",
      narrow: "end",
    },
  ];
  return (
    <ReportPage
      name="procurement/commitments"
      title="Commitments"
      query={query}
      filters={
        <>
          <PartyFilter member="supplier" label="Supplier" />
          {budgetLine ? (
            <ConditionChip
              condition={{ field: "budget line", operator: "eq", value: params.get("code") ?? budgetLine }}
              onRemove={() => update({ budget_line: null, code: null })}
            />
          ) : null}
        </>
      }
    >
      {(answer) =>
        answer.rows.length === 0 ? (
          <EmptyState title="Nothing is committed">Approved requisitions and orders that are not yet received and invoiced are listed here.</EmptyState>
        ) : (
          <>
            <Headlines
              figures={[
                { label: "Committed", amount: answer.total },
                { label: "By orders", amount: answer.encumbered },
                { label: "By requisitions", amount: answer.pre_encumbered },
              ]}
            />
            <LongTable
              label="Commitments"
              keys
              columns={columns}
              rows={answer.rows}
              rowKey={(row) => row.line}
              footer={<SumRow columns={columns} sums={{ amount: answer.total }} />}
              href={(row) => documentHref(TYPES[row.kind], row.document)}
            />
          </>
        )
      }
    </ReportPage>
  );
}

interface RowsProps {
  readonly query: Moment & { readonly supplier?: string; readonly budget_line?: string };
  readonly line: string;
}

function Rows({ query, line }: RowsProps) {
  const { data, error } = useReport("procurement/commitments", { ...query, explain: true });
  if (error) return <ErrorState error={error} />;
  const row = data?.rows.find((candidate) => candidate.line === line);
  if (!row?.explain) return <Skeleton className="h-16" />;
  return <ExplanationTable label={`${row.document_number ?? "Draft"}, ${row.description ?? "line"}`} rows={row.explain} value={row.amount} />;
}
