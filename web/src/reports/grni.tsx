"use client";

import { type Schemas, useReport } from "@/api/reports";
import { ExplainPopover, ExplanationTable } from "@/documents/explanation";
import { documentHref } from "@/documents/registry";
import type { Column } from "@/ui/data-table";
import { DocumentNumber, Money, Quantity } from "@/ui/figures";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Headlines } from "./headlines";
import { LongTable } from "./long-table";
import { type Moment, useMoment } from "./moment";
import { PartyFilter } from "./party-filter";
import { ReportPage } from "./report-page";
import { SumRow } from "./sum-row";

type Row = Schemas["GoodsReceivedNotInvoicedLine"];

/** Received and not yet invoiced, per order line; invoiced ahead of the goods is negative. */
export function GrniPage() {
  const { moment, params } = useMoment();
  const supplier = params.get("supplier");
  const query = supplier ? { supplier } : {};
  const columns: Column<Row>[] = [
    { key: "order", header: "Order", cell: (row) => <DocumentNumber number={row.order_number} />, narrow: "title" },
    { key: "supplier", header: "Supplier", cell: (row) => row.supplier_name, narrow: "detail" },
    { key: "description", header: "Line", cell: (row) => row.description, narrow: "detail" },
    { key: "quantity", header: "Quantity", cell: (row) => <Quantity quantity={row.quantity} unit={row.unit} />, align: "end", narrow: "detail" },
    {
      key: "amount",
      header: "Amount",
      cell: (row) => (
        <ExplainPopover label={`${row.order_number}`} content={<Rows query={{ ...moment, ...query, ...(row.supplier ? { supplier: row.supplier } : {}) }} line={row.line} />}>
          <Money amount={row.amount} />
        </ExplainPopover>
      ),
      align: "end",
      narrow: "end",
    },
  ];
  return (
    <ReportPage
      name="procurement/grni"
      title="Goods received, not invoiced"
      query={query}
      filters={<PartyFilter member="supplier" label="Supplier" />}
    >
      {(answer) =>
        answer.rows.length === 0 ? (
          <EmptyState title="Everything received is invoiced">Order lines whose receipts and invoices differ are listed here.</EmptyState>
        ) : (
          <>
            <Headlines figures={[{ label: "Received, not invoiced", amount: answer.total }]} />
            <LongTable
              label="Goods received, not invoiced"
              keys
              columns={columns}
              rows={answer.rows}
              rowKey={(row) => row.line}
              footer={<SumRow columns={columns} sums={{ amount: answer.total }} />}
              href={(row) => documentHref("purchase_order", row.order)}
            />
          </>
        )
      }
    </ReportPage>
  );
}

interface RowsProps {
  readonly query: Moment & { readonly supplier?: string };
  readonly line: string;
}

function Rows({ query, line }: RowsProps) {
  const { data, error } = useReport("procurement/grni", { ...query, explain: true });
  if (error) return <ErrorState error={error} />;
  const row = data?.rows.find((candidate) => candidate.line === line);
  if (!row?.explain) return <Skeleton className="h-16" />;
  return <ExplanationTable label={`${row.order_number ?? "Order"}, ${row.description ?? "line"}`} rows={row.explain} value={row.amount} />;
}
