"use client";

import type { Schemas } from "@/api/reports";
import { ExplainPopover } from "@/documents/explanation";
import { isZero, subtract } from "@/lib/decimal";
import { humanize } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { type Column, DataTable } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { Money } from "@/ui/figures";
import { Select } from "@/ui/input";
import { EmptyState } from "@/ui/states";
import { AccountRows } from "./account-rows";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";

type Row = Schemas["TrialBalanceRow"];

export const BOOKS = [
  { value: "actual", label: "Actual" },
  { value: "budget", label: "Budget" },
  { value: "commitment", label: "Commitment" },
] as const;

export type Book = (typeof BOOKS)[number]["value"];

export const bookOf = (params: URLSearchParams): Book => BOOKS.find(({ value }) => value === params.get("book"))?.value ?? "actual";

export function TrialBalancePage() {
  const { moment, params, update, href } = useMoment();
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
      header: "Balance",
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
      filters={
        <Field label="Book" className="sm:w-36">
          {(control) => (
            <Select
              {...control}
              choices={BOOKS}
              value={book}
              onChange={(event) => update({ book: event.target.value === "actual" ? null : event.target.value })}
            />
          )}
        </Field>
      }
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
