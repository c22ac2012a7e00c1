import { type Schemas, useDocumentEntries } from "@/api/reports";
import { classes } from "@/lib/classes";
import { formatDate, formatInstant, humanize } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { type Column, DataTable } from "@/ui/data-table";
import { Money } from "@/ui/figures";
import { ErrorState, LoadingRows } from "@/ui/states";

type Answer = Schemas["DocumentEntries"];
type Entry = Answer["data"][number];
type Posting = Entry["postings"][number];

/** What a document has booked: its entries in every book, in the order in which they were recorded. */
export function DocumentEntries({ id, marked }: { readonly id: string; readonly marked?: string | null }) {
  const { data, error, refetch } = useDocumentEntries(id);
  if (!data) return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <LoadingRows rows={4} label="Loading entries" />;
  if (data.data.length === 0) return <p className="p-4 text-muted">This document has booked nothing.</p>;
  return data.data.map((entry) => <EntrySection key={entry.id} entry={entry} answer={data} marked={entry.id === marked} />);
}

function EntrySection({ entry, answer, marked }: { readonly entry: Entry; readonly answer: Answer; readonly marked: boolean }) {
  const name = entry.number ?? `${humanize(entry.book)} entry`;
  const reversed = answer.data.find((other) => other.id === entry.reverses);
  return (
    <section aria-label={name} aria-current={marked || undefined} className={classes("border-b border-line last:border-b-0", marked && "bg-accent-soft/40")}>
      <h2 className="flex flex-wrap items-baseline gap-x-2.5 px-4 pt-3 pb-1">
        <span className="font-semibold">{name}</span>
        {entry.book === "actual" ? null : <Badge>{humanize(entry.book)} book</Badge>}
        {entry.reverses ? <Badge tone="warning">Reverses {reversed?.number ?? "another entry"}</Badge> : null}
        <span className="text-xs font-normal text-muted">
          {formatDate(entry.date)}, recorded by {entry.recorded_by_name} on {formatInstant(entry.recorded_at)}
        </span>
      </h2>
      {entry.description ? <p className="px-4 pb-1 text-muted">{entry.description}</p> : null}
      <DataTable
        label={`Postings of ${name}`}
        columns={columnsOf(entry, answer)}
        rows={entry.postings}
        rowKey={(posting) => String(posting.line)}
        href={(posting) => `/ledger/account/?${new URLSearchParams({ company: answer.company, code: posting.account, ...(entry.book === "actual" ? {} : { book: entry.book }) })}`}
      />
    </section>
  );
}

/** Debits and credits are in the company's currency; an entry in another tells its own amounts beside them. */
const columnsOf = (entry: Entry, answer: Answer): readonly Column<Posting>[] => [
  {
    key: "account",
    header: "Account",
    cell: (posting) => (
      <>
        <span className="mr-1 font-normal text-faint">{posting.account}</span>{" "}
        {posting.name}
      </>
    ),
    narrow: "title",
  },
  { key: "role", header: "Role", cell: (posting) => <span className="text-muted">{posting.role ? humanize(posting.role) : null}</span>, narrow: "detail" },
  ...(entry.currency === answer.currency
    ? []
    : [{ key: "amount", header: entry.currency, cell: (posting: Posting) => <Money amount={posting.amount} />, align: "end", narrow: "detail" } as const]),
  { key: "debit", header: "Debit", cell: (posting) => <Side amount={posting.debit} />, align: "end", narrow: "end" },
  { key: "credit", header: "Credit", cell: (posting) => <Side amount={posting.credit} credit />, align: "end", narrow: "end" },
];

/** Phones show one figure after the account: there a credit says that it is one. */
const Side = ({ amount, credit }: { readonly amount: string | null; readonly credit?: boolean }) =>
  amount ? (
    <>
      <Money amount={amount} />
      {credit ? <span className="ml-1 text-2xs text-faint sm:hidden">Cr</span> : null}
    </>
  ) : null;
