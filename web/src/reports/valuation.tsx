"use client";

import type { Schemas } from "@/api/reports";
import { ExplainPopover, ExplanationTable } from "@/documents/explanation";
import { type Column, DataTable } from "@/ui/data-table";
import { Money, Quantity } from "@/ui/figures";
import { EmptyState } from "@/ui/states";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";

type Row = Schemas["ValuationRow"];

const METHODS: Readonly<Record<string, string>> = { fifo: "First in, first out", average: "Average", standard: "Standard cost" };

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "item",
    header: "Item",
    cell: (row) => (
      <>
        <span className="mr-1 font-normal text-faint">{row.item_sku}</span>{" "}
        {row.item_name}
      </>
    ),
    narrow: "title",
  },
  { key: "valuation", header: "Valued by", cell: (row) => METHODS[row.valuation] ?? row.valuation, narrow: "detail" },
  { key: "quantity", header: "Quantity", cell: (row) => <Quantity quantity={row.quantity} unit={row.unit} />, align: "end", narrow: "detail" },
  { key: "value", header: "Value", cell: (row) => <Value row={row} />, align: "end", narrow: "end" },
];

export function ValuationPage() {
  const { href } = useMoment();
  return (
    <ReportPage name="inventory/valuation" title="Stock valuation">
      {(answer) =>
        answer.rows.length === 0 ? (
          <EmptyState title="No stock to value">Posted goods receipts of stock items put value here.</EmptyState>
        ) : (
          <>
            <Headlines figures={[{ label: "Value of the stock", amount: answer.total }]} />
            <DataTable
              label="Stock valuation"
              keys
              columns={COLUMNS}
              rows={answer.rows}
              rowKey={(row) => row.item}
              href={(row) => href("/inventory/moves/", { item: row.item, name: row.item_name })}
            />
          </>
        )
      }
    </ReportPage>
  );
}

/** Items valued first in, first out tell what is left of each receipt. */
function Value({ row }: { readonly row: Row }) {
  const layers = row.layers.flatMap(({ document, document_number, effective_on, value }) =>
    value === null ? [] : [{ document, document_type: null, document_number, date: effective_on, amount: value }],
  );
  if (layers.length === 0) return <Money amount={row.value} />;
  return (
    <ExplainPopover
      label={`Value of ${row.item_name}`}
      content={<ExplanationTable label={`What is left of each receipt of ${row.item_name}`} rows={layers} value={row.value} />}
    >
      <Money amount={row.value} />
    </ExplainPopover>
  );
}
