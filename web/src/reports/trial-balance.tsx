"use client";

import type { Schemas } from "@/api/reports";
import { ExplainPopover } from "@/documents/explanation";
import { isZero, subtract, sum } from "@/lib/decimal";
import { humanize } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { type Column, DataTable } from "@/ui/data-table";
import { Money } from "@/ui/figures";
import { EmptyState } from "@/ui/states";
import { AccountRows } from "./account-rows";
import { BookFilter, bookOf } from "./book-filter";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";
import { SumRow } from "./sum-row";

type Row = Schemas["TrialBalanceRow"];

export function TrialBalancePage() {
  const { moment, params, href } = useMoment();
  const book = bookOf(params);
  const from = params.get("date_from");
  const columns: Column<Row>[] = [
    {
      key: "account",
      header: "Account",
      cell: (row) => (
        <>
          <span className="mr-1 font-normal text-faint">{row.account}</span>{" "}
          {row.name}
        </>
      ),
      narrow: "title",
    },
    { key: "type", header: "Type", cell: (row) => humanize(row.type), narrow: "detail" },
    { key: "debit", header: "Debit", cell: (row) => <Money amount={row.debit} />, align: "end" },
    { key: "credit", header: "Credit", cell: (row) => <Money amount={row.credit} />, align: "end" },
    {
      key: "balance",
      header: "Debit − credit",
      cell: (row) =>
        from ? (
          <Money amount={row.balance} />
        ) : (
          <ExplainPopover
            label={row.name}
            content={<AccountRows code={row.account} label={`${row.account} ${row.name}`} query={{ ...moment, book }} />}
          >
            <Money amount={row.balance} />
          </ExplainPopover>
        ),
      align: "end",
      narrow: "end",
    },
  ];
  return (
    <ReportPage
      name="ledger/trial-balance"
      title="Trial balance"
      span
      query={{ book, ...(from ? { date_from: from } : {}) }}
      filters={<BookFilter />}
    >
      {(answer) =>
        answer.rows.length === 0 ? (
          <EmptyState title="Nothing is booked">No entry of this book is effective in these days.</EmptyState>
        ) : (
          <>
            <Headlines
              figures={[
                { label: "Debit", amount: answer.total_debit },
                { label: "Credit", amount: answer.total_credit, note: <Balanced by={subtract(answer.total_debit, answer.total_credit)} /> },
              ]}
            />
            <DataTable
              label="Trial balance"
              keys
              columns={columns}
              rows={answer.rows}
              rowKey={(row) => row.account}
              footer={
                <SumRow
                  columns={columns}
                  sums={{ debit: answer.total_debit, credit: answer.total_credit, balance: sum(answer.rows.map((row) => row.balance)) }}
                />
              }
              href={(row) => href("/ledger/account/", { code: row.account, date_from: from, book: book === "actual" ? null : book })}
            />
          </>
        )
      }
    </ReportPage>
  );
}

export const Balanced = ({ by }: { readonly by: string }) =>
  isZero(by) ? <Badge tone="positive">Balances</Badge> : <Badge tone="negative">Differs</Badge>;
