"use client";

import Link from "next/link";
import { type Schemas, usePagedReport } from "@/api/reports";
import { documentHref, typeOf } from "@/documents/registry";
import { compare, sum } from "@/lib/decimal";
import { formatDate, humanize } from "@/lib/format";
import { Button } from "@/ui/button";
import { LineChart } from "@/ui/charts";
import { type Column, DataTable } from "@/ui/data-table";
import { DateText, DocumentNumber, Money } from "@/ui/figures";
import { PageHeader } from "@/ui/page-header";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { AccountFilter } from "./account-filter";
import { BookFilter, bookOf } from "./book-filter";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { MomentBar } from "./moment-bar";
import { Basis } from "./report-page";
import { SumRow } from "./sum-row";

type Line = Schemas["LedgerLine"];

const PAGE = 200;

const COLUMNS: readonly Column<Line>[] = [
  { key: "document", header: "Document", cell: (line) => <DocumentNumber number={line.document_number ?? line.entry} />, narrow: "title" },
  { key: "type", header: "Type", cell: (line) => typeOf(line.document_type)?.singular ?? humanize(line.document_type), narrow: "detail" },
  { key: "date", header: "Date", cell: (line) => <DateText date={line.date} />, narrow: "detail" },
  { key: "entry", header: "Entry", cell: (line) => <EntryLink line={line} />, narrow: "detail" },
  { key: "description", header: "Description", cell: (line) => line.description },
  { key: "debit", header: "Debit", cell: (line) => <Side amount={line.debit} name="Debit" />, align: "end", narrow: "detail" },
  { key: "credit", header: "Credit", cell: (line) => <Side amount={line.credit} name="Credit" />, align: "end", narrow: "detail" },
  { key: "balance", header: "Balance", cell: (line) => <Money amount={line.balance} />, align: "end", narrow: "end" },
];

/** Phones have no header that tells which side a figure stands on. */
const Side = ({ amount, name }: { readonly amount: string | null; readonly name: string }) =>
  amount ? (
    <>
      <span className="sm:hidden">{name} </span>
      <Money amount={amount} />
    </>
  ) : null;

const EntryLink = ({ line }: { readonly line: Line }) => (
  <Link href={`/ledger/entries/?document=${line.document}&entry=${line.entry_id}`} className="link relative z-1 whitespace-nowrap">
    {line.entry}
  </Link>
);

/** One account, posting by posting, with the balance after each; every row leads to its document. */
export function AccountLedgerPage() {
  const { moment, ready, params, href } = useMoment();
  const code = params.get("code") ?? "";
  const book = bookOf(params);
  const from = params.get("date_from");
  const ledger = usePagedReport(
    "ledger/general-ledger",
    { ...moment, account: code, book, limit: PAGE, ...(from ? { date_from: from } : {}) },
    ready && code !== "",
  );
  const [first] = code ? (ledger.data?.pages ?? []) : [];
  const name = first ? `${first.account} ${first.name}` : code;
  const lines = ledger.data?.pages.flatMap((page) => page.data) ?? [];
  const columns = COLUMNS.filter((column) => column.key !== "description" || lines.some((line) => line.description));
  return (
    <>
      <PageHeader
        crumb={{ href: href("/ledger/trial-balance/", { book: params.get("book"), date_from: from }), label: "Trial balance" }}
        title={name || "General ledger"}
        note={first ? <Basis currency={first.currency} moment={moment} /> : null}
      />
      <div className="panel overflow-hidden">
        <MomentBar span>
          <AccountFilter name={name} />
          <BookFilter />
        </MomentBar>
        {!code ? (
          <EmptyState title="No account chosen">Choose one above by its code or name, or open one from the trial balance.</EmptyState>
        ) : null}
        {ledger.error ? (
          <div className="p-4">
            <ErrorState error={ledger.error} onRetry={() => void (ledger.isFetchNextPageError ? ledger.fetchNextPage() : ledger.refetch())} />
          </div>
        ) : null}
        {first ? (
          <>
            <Headlines
              figures={[
                ...(from ? [{ label: `Before ${formatDate(from)}`, amount: first.opening_balance }] : []),
                { label: "Balance, debit − credit", amount: first.closing_balance },
              ]}
            />
            {lines.length === 0 ? (
              <EmptyState title="No postings">Nothing is booked on this account in these days.</EmptyState>
            ) : (
              <>
                {ledger.hasNextPage ? null : <Course lines={lines} href={(day) => href("/ledger/account/", { code, book: params.get("book"), as_of: day })} />}
                <DataTable
                  label="Postings"
                  keys
                  columns={columns}
                  rows={lines}
                  rowKey={(line) => `${line.entry_id} ${line.line}`}
                  href={(line) => documentHref(line.document_type, line.document)}
                  footer={ledger.hasNextPage ? null : <SumRow columns={columns} sums={turnover(lines)} />}
                />
              </>
            )}
            {ledger.hasNextPage ? (
              <div className="px-4 py-2.5">
                <Button size="small" busy={ledger.isFetchingNextPage} onClick={() => void ledger.fetchNextPage()}>
                  Load more
                </Button>
              </div>
            ) : null}
          </>
        ) : code && !ledger.error ? (
          <LoadingRows label="Loading the account" />
        ) : null}
      </div>
    </>
  );
}

const turnover = (lines: readonly Line[]) => ({
  debit: sum(lines.map((line) => line.debit ?? "0")),
  credit: sum(lines.map((line) => line.credit ?? "0")),
});

const MONTHS_SHOWN = 24;

interface CourseProps {
  readonly lines: readonly Line[];
  readonly href: (day: string) => string;
}

/** The balance after the last posting of each month among the lines. */
function Course({ lines, href }: CourseProps) {
  const lastOfMonth = new Map(lines.map((line) => [line.date.slice(0, 7), line]));
  const marks = [...lastOfMonth.values()]
    .sort((a, b) => a.date.localeCompare(b.date))
    .slice(-MONTHS_SHOWN)
    .map((line) => ({ key: line.date, label: formatDate(line.date), value: line.balance, href: href(line.date) }));
  if (marks.length < 3 || marks.every((mark) => compare(mark.value, "0") === 0)) return null;
  return (
    <div className="max-w-4xl px-4 py-3">
      <LineChart title="Balance by month" marks={marks} />
    </div>
  );
}
