import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useMay } from "@/api/permissions";
import { type Schemas, useReport } from "@/api/reports";
import { documentHref } from "@/documents/registry";
import { compare, sum } from "@/lib/decimal";
import { today } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { DateText, DocumentNumber, Money } from "@/ui/figures";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { LongTable } from "./long-table";
import { useMoment } from "./moment";
import { PaymentRun } from "./payment-run";

type Item = Schemas["OpenItemRow"];

const SHOWN = 8;

/** A blocked invoice waits for its release, and what a payment or credit note has left is nothing that we owe. */
const isPayable = (row: Item): boolean => row.document_type === "supplier_invoice" && !row.payment_block && compare(row.balance, "0") > 0;

/** What we owe, first due first: chosen invoices become one payment for each supplier. */
export function ToPay() {
  const { moment, ready, href } = useMoment();
  const may = useMay();
  const { data, error, refetch } = useReport("billing/open-items", { ...moment, side: "payable" }, ready);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [all, setAll] = useState(false);
  const [paying, setPaying] = useState(false);
  if (!data) return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <LoadingRows rows={4} label="Loading what is due" />;
  const rows = [...data.data].sort((a, b) => a.due_on.localeCompare(b.due_on));
  const due = rows.filter((row) => isPayable(row) && row.due_on <= today());
  const toPay = rows.filter((row) => chosen.includes(row.document));
  const mayPay = may("billing.payment.create") && may("billing.payment.post");
  const choose = (row: Item) => (
    <Choose
      row={row}
      chosen={chosen.includes(row.document)}
      onChosen={(on) => setChosen((now) => (on ? [...now, row.document] : now.filter((id) => id !== row.document)))}
    />
  );
  return (
    <section aria-labelledby="due" className="panel mb-4 overflow-hidden">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2 px-4 pt-3 pb-1">
        <h2 id="due" className="text-base font-semibold">
          To pay next
        </h2>
        <Link href={href("/billing/open-items/")} className="link text-xs">
          {rows.length === 1 ? "1 open item" : `${rows.length} open items`}, <Money amount={data.total} currency={data.currency} />
        </Link>
      </div>
      {rows.length === 0 ? (
        <EmptyState title="Nothing is due">Posted supplier invoices with a balance left are listed here by their due date.</EmptyState>
      ) : (
        <>
          {mayPay && (due.length > 0 || toPay.length > 0) ? (
            <div className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
              {due.length > 0 ? (
                <Button
                  size="small"
                  onClick={() => {
                    setChosen(due.map((row) => row.document));
                    setAll((now) => now || due.length > SHOWN);
                  }}
                >
                  Choose all {due.length} due
                </Button>
              ) : null}
              {toPay.length > 0 ? (
                <>
                  <Button size="small" variant="ghost" onClick={() => setChosen([])}>
                    Choose none
                  </Button>
                  <span className="ml-auto" aria-live="polite">
                    {toPay.length} chosen, <Money amount={sum(toPay.map((row) => row.balance_company))} currency={data.currency} />
                  </span>
                  <Button size="small" variant="primary" onClick={() => setPaying(true)}>
                    Pay
                  </Button>
                </>
              ) : null}
            </div>
          ) : null}
          <LongTable
            label="To pay next"
            keys
            columns={columnsIn(data.currency, mayPay ? choose : null)}
            rows={all ? rows : rows.slice(0, SHOWN)}
            rowKey={(row) => row.document}
            href={(row) => documentHref(row.document_type, row.document)}
          />
          {!all && rows.length > SHOWN ? (
            <div className="px-4 py-2.5">
              <Button size="small" onClick={() => setAll(true)}>
                Show all {rows.length}
              </Button>
            </div>
          ) : null}
        </>
      )}
      {paying ? (
        <PaymentRun
          company={data.company}
          items={toPay}
          onClose={() => setPaying(false)}
          onPaid={() => {
            setPaying(false);
            setChosen([]);
          }}
        />
      ) : null}
    </section>
  );
}

/** The currency is told above; a row tells its own only where it differs. */
const columnsIn = (currency: string, choose: ((row: Item) => ReactNode) | null): readonly Column<Item>[] => [
  { key: "document", header: "Invoice", cell: (row) => <DocumentNumber number={row.document_number} />, narrow: "title" },
  { key: "party", header: "Supplier", cell: (row) => row.party_name, narrow: "detail" },
  { key: "reference", header: "Their number", cell: (row) => row.supplier_reference },
  { key: "due", header: "Due", cell: (row) => <DateText date={row.due_on} />, narrow: "detail" },
  {
    key: "overdue",
    header: "Overdue",
    cell: (row) => (row.days_overdue > 0 ? <span className="whitespace-nowrap text-negative">{row.days_overdue === 1 ? "1 day" : `${row.days_overdue} days`}</span> : null),
    narrow: "detail",
  },
  {
    key: "balance",
    header: "Balance",
    cell: (row) => <Money amount={row.balance} currency={row.currency === currency ? null : row.currency} />,
    align: "end",
    narrow: "end",
  },
  ...(choose ? [{ key: "choose", header: "Pay", cell: choose, align: "end", narrow: "detail" } as const] : []),
];

interface ChooseProps {
  readonly row: Item;
  readonly chosen: boolean;
  readonly onChosen: (chosen: boolean) => void;
}

function Choose({ row, chosen, onChosen }: ChooseProps) {
  if (row.payment_block) return <Badge tone="warning">Blocked</Badge>;
  if (!isPayable(row)) return null;
  return (
    <label className="relative z-1 inline-flex size-6 items-center justify-center">
      <input
        type="checkbox"
        className="size-4"
        aria-label={`Pay ${row.document_number} of ${row.party_name}`}
        checked={chosen}
        onChange={(event) => onChosen(event.target.checked)}
      />
    </label>
  );
}
