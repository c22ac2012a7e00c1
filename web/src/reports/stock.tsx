"use client";

import { type Schemas, useReport } from "@/api/reports";
import { ExplainPopover, ExplanationTable } from "@/documents/explanation";
import { type Column, DataTable } from "@/ui/data-table";
import { sum } from "@/lib/decimal";
import { Field } from "@/ui/field";
import { Money, Quantity } from "@/ui/figures";
import { Select } from "@/ui/input";
import { EmptyState, ErrorState, Skeleton } from "@/ui/states";
import { Headlines } from "./headlines";
import { type Moment, useMoment } from "./moment";
import { ReportPage } from "./report-page";

type Row = Schemas["StockRow"];
type Grouping = "item" | "location";

const GROUPINGS = [
  { value: "item", label: "Item" },
  { value: "location", label: "Item and location" },
] as const;

export function StockPage() {
  const { moment, params, update, href } = useMoment();
  const grouping: Grouping = params.get("by") === "location" ? "location" : "item";
  const columns: Column<Row>[] = [
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
    { key: "location", header: "Location", cell: (row) => row.location_code, narrow: "detail" },
    {
      key: "on_hand",
      header: "On hand",
      cell: (row) => (
        <ExplainPopover label={`${row.item_name} on hand`} content={<Rows row={row} query={{ ...moment, group_by: grouping }} />}>
          <Quantity quantity={row.on_hand} unit={row.unit} />
        </ExplainPopover>
      ),
      align: "end",
      narrow: "end",
    },
    { key: "reserved", header: "Reserved", cell: (row) => <Quantity quantity={row.reserved} />, align: "end" },
    { key: "available", header: "Available", cell: (row) => <Quantity quantity={row.available} />, align: "end" },
    { key: "value", header: "Value", cell: (row) => <Money amount={row.value} />, align: "end", narrow: "detail" },
  ];
  return (
    <ReportPage
      name="inventory/stock"
      title="Stock"
      query={{ group_by: grouping }}
      filters={
        <Field label="A row for each" className="sm:w-44">
          {(control) => (
            <Select
              {...control}
              choices={GROUPINGS}
              value={grouping}
              onChange={(event) => update({ by: event.target.value === "item" ? null : event.target.value })}
            />
          )}
        </Field>
      }
    >
      {(answer) =>
        answer.data.length === 0 ? (
          <EmptyState title="Nothing in stock">Posted goods receipts of stock items put them here.</EmptyState>
        ) : (
          <>
            {grouping === "item" ? <Headlines figures={[{ label: "Value", amount: sum(answer.data.map((row) => row.value ?? "0")) }]} /> : null}
            <DataTable
              label="Stock"
              keys
              columns={columns.filter(({ key }) => grouping === "location" ? key !== "value" : key !== "location")}
              rows={answer.data}
              rowKey={(row) => `${row.item} ${row.location}`}
              href={(row) => href("/inventory/moves/", { item: row.item, name: row.item_name, location: row.location })}
            />
          </>
        )
      }
    </ReportPage>
  );
}

interface RowsProps {
  readonly row: Row;
  readonly query: Moment & { readonly group_by: Grouping };
}

function Rows({ row, query }: RowsProps) {
  const { data, error } = useReport("inventory/stock", { ...query, item: row.item, explain: true });
  if (error) return <ErrorState error={error} />;
  const found = data?.data.find((candidate) => candidate.item === row.item && candidate.location === row.location)?.explain?.on_hand;
  if (!found) return <Skeleton className="h-16" />;
  return <ExplanationTable kind="quantity" label={`${row.item_name} on hand, ${row.unit}`} rows={found.rows} value={found.value} knownAt={query.known_at} />;
}
