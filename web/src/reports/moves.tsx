"use client";

import { type Schemas, usePagedReport } from "@/api/reports";
import { documentHref, typeOf } from "@/documents/registry";
import { humanize } from "@/lib/format";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { ConditionChip } from "@/ui/filter-bar";
import { DateText, Money, Quantity } from "@/ui/figures";
import { PageHeader } from "@/ui/page-header";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { useMoment } from "./moment";
import { MomentBar } from "./moment-bar";
import { Basis } from "./report-page";

type Row = Schemas["MoveRow"];

const COLUMNS: readonly Column<Row>[] = [
  { key: "document", header: "Document", cell: (row) => row.document_number, narrow: "title" },
  { key: "type", header: "Type", cell: (row) => typeOf(row.document_type)?.singular ?? humanize(row.document_type) },
  { key: "date", header: "Date", cell: (row) => <DateText date={row.effective_on} />, narrow: "detail" },
  { key: "item", header: "Item", cell: (row) => row.item_name, narrow: "detail" },
  { key: "from", header: "From", cell: (row) => row.from_location_code ?? <span className="text-faint">Outside</span> },
  { key: "to", header: "To", cell: (row) => row.to_location_code ?? <span className="text-faint">Outside</span> },
  { key: "quantity", header: "Quantity", cell: (row) => <Quantity quantity={row.quantity} unit={row.unit} />, align: "end", narrow: "end" },
  { key: "value", header: "Value", cell: (row) => <Money amount={row.value} />, align: "end", narrow: "detail" },
];

/** Every quantity that went from one place to another, latest first. */
export function MovesPage() {
  const { moment, ready, params, update } = useMoment();
  const item = params.get("item");
  const location = params.get("location");
  const moves = usePagedReport("inventory/moves", { ...moment, ...(item ? { item } : {}), ...(location ? { location } : {}) }, ready);
  const [first] = moves.data?.pages ?? [];
  const rows = moves.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <PageHeader
        crumb={{ href: "/inventory/stock/", label: "Stock" }}
        title="Stock moves"
        note={first ? <Basis currency={first.currency} moment={moment} /> : null}
      />
      <div className="panel overflow-hidden">
        <MomentBar>
          {item ? (
            <ConditionChip
              condition={{ field: "item", operator: "eq", value: params.get("name") ?? item }}
              onRemove={() => update({ item: null, name: null, location: null })}
            />
          ) : null}
        </MomentBar>
        {moves.error ? (
          <div className="p-4">
            <ErrorState error={moves.error} onRetry={() => void moves.refetch()} />
          </div>
        ) : !first ? (
          <LoadingRows label="Loading stock moves" />
        ) : rows.length === 0 ? (
          <EmptyState title="No stock moves">Posted goods receipts move stock.</EmptyState>
        ) : (
          <DataTable label="Stock moves" keys columns={COLUMNS} rows={rows} rowKey={(row) => row.id} href={(row) => documentHref(row.document_type, row.document)} />
        )}
        {moves.hasNextPage ? (
          <div className="px-4 py-2.5">
            <Button size="small" busy={moves.isFetchingNextPage} onClick={() => void moves.fetchNextPage()}>
              Load more
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}
