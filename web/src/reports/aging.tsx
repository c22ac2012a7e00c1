"use client";

import type { Schemas } from "@/api/reports";
import { isZero } from "@/lib/decimal";
import { BarChart } from "@/ui/charts";
import type { Column } from "@/ui/data-table";
import { Money } from "@/ui/figures";
import { EmptyState } from "@/ui/states";
import { BUCKETS, bucketMarks, sideOf } from "./buckets";
import { Headlines } from "./headlines";
import { LongTable } from "./long-table";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";
import { SideFilter } from "./side-filter";
import { SumRow } from "./sum-row";

type Row = Schemas["AgingRow"];

const COLUMNS: readonly Column<Row>[] = [
  { key: "party", header: "Party", cell: (row) => row.party_name, narrow: "title" },
  ...BUCKETS.map(
    ({ key, label }): Column<Row> => ({
      key,
      header: label,
      cell: (row) => (isZero(row[key]) ? <span className="text-faint">–</span> : <Money amount={row[key]} />),
      align: "end",
    }),
  ),
  { key: "total", header: "Total", cell: (row) => <Money amount={row.total} />, align: "end", narrow: "end" },
];

/** How long what is open has been overdue, party by party. */
export function AgingPage() {
  const { params, href } = useMoment();
  const side = params.get("side");
  const items = (more: Readonly<Record<string, string>>) => href("/billing/open-items/", { side, ...more });
  return (
    <ReportPage name="billing/aging" title="Ageing" query={{ side: sideOf(params) }} filters={<SideFilter />}>
      {(answer) =>
        answer.rows.length === 0 ? (
          <EmptyState title="Nothing is open">Invoices with a balance left are aged here by their days overdue.</EmptyState>
        ) : (
          <>
            <Headlines figures={[{ label: "Open", amount: answer.totals.total }]} />
            <div className="max-w-xl px-4 py-3">
              <BarChart title="Open by days overdue" marks={bucketMarks(answer.totals, (bucket) => items({ bucket }))} />
            </div>
            <LongTable
              label="Ageing by party"
              keys
              columns={COLUMNS}
              rows={answer.rows}
              rowKey={(row) => row.party}
              footer={<SumRow columns={COLUMNS} sums={{ ...answer.totals }} />}
              href={(row) => items({ party: row.party, name: row.party_name })}
            />
          </>
        )
      }
    </ReportPage>
  );
}
