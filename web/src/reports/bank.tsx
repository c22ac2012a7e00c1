"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import Link from "next/link";
import { refLabel } from "@/api/names";
import { useMay } from "@/api/permissions";
import { type BalanceQuery, type Schemas, useAccountBalance, useReport } from "@/api/reports";
import { listAll } from "@/api/resources";
import type { Row } from "@/api/types";
import { ExplainPopover } from "@/documents/explanation";
import { columnsOf } from "@/documents/list-page";
import { beginHref, documentHref, listHref, newHref } from "@/documents/registry";
import { payment } from "@/documents/types/billing";
import { sum } from "@/lib/decimal";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { DateText, Money } from "@/ui/figures";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState, ErrorState, LoadingRows, Skeleton } from "@/ui/states";
import { AccountRows } from "./account-rows";
import { CompanyChoice } from "./company-choice";
import { useMoment } from "./moment";

/** What is in the bank, what has to be paid next, and what was paid last. */
export function BankPage() {
  const may = useMay();
  return (
    <>
      <PageHeader
        title="Bank and payments"
        actions={
          <>
            <CompanyChoice />
            <Button variant="primary" asChild>
              <Link href={newHref(payment)}>
                <Plus aria-hidden />
                New payment
              </Link>
            </Button>
          </>
        }
      />
      <BankAccounts />
      {may("billing.open_item.read") ? <ToPay /> : null}
      <section aria-labelledby="latest" className="panel overflow-hidden">
        <div className="flex items-baseline justify-between px-4 pt-3 pb-1">
          <h2 id="latest" className="text-base font-semibold">
            Latest payments
          </h2>
          <Link href={listHref(payment)} className="link text-xs">
            All payments
          </Link>
        </div>
        <PagedList
          label="Latest payments"
          collection={payment.collection}
          query={{ sort: "-paid_on", limit: 20 }}
          columns={columnsOf(payment).map(({ sort: _, ...column }) => column)}
          href={(row) => documentHref(payment.code, row.id)}
          empty={<EmptyState title="No payments yet">{payment.purpose}</EmptyState>}
        />
      </section>
    </>
  );
}

function BankAccounts() {
  const { data, error, refetch } = useQuery({ queryKey: ["list", "ledger/bank-accounts", "all"], queryFn: () => listAll("ledger/bank-accounts") });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="mb-4 h-24" />;
  return (
    <ul aria-label="Bank accounts" className="mb-4 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {data.map((account) => (
        <BankAccount key={account.id} account={account} />
      ))}
    </ul>
  );
}

function BankAccount({ account }: { readonly account: Row }) {
  const code = refLabel(account.account);
  const company = refLabel(account.company);
  const query: Readonly<Record<string, string>> = company ? { company } : {};
  const may = useMay();
  return (
    <li className="panel relative px-4 py-3 hover:border-edge">
      <div className="flex items-baseline justify-between gap-3">
        <Link href={`/ledger/account/?${new URLSearchParams({ ...query, code })}`} className="quiet-link min-w-0 truncate font-medium after:absolute after:inset-0">
          {String(account.name)}
        </Link>
        <span className="shrink-0 text-xs text-muted">{String(account.iban ?? account.code)}</span>
      </div>
      {may("ledger.account_balance.read") ? <Balance code={code} name={String(account.name)} query={query} /> : null}
    </li>
  );
}

interface BalanceProps {
  readonly code: string;
  readonly name: string;
  readonly query: BalanceQuery;
}

function Balance({ code, name, query }: BalanceProps) {
  const { data, error } = useAccountBalance(code, query);
  if (error) return <ErrorState error={error} />;
  if (!data) return <Skeleton className="mt-2 h-7 w-32" />;
  return (
    <>
      <p className="mt-1 text-xl font-semibold">
        <ExplainPopover label={name} content={<AccountRows code={code} label={`${data.account} ${data.name}`} query={query} />}>
          <Money amount={data.balance} currency={data.currency} />
        </ExplainPopover>
      </p>
      <p className="text-xs text-muted">Balance in the books, account {code}</p>
    </>
  );
}

type Item = Schemas["OpenItemRow"];

const SHOWN = 8;

/** The currency is told above; a row tells its own only where it differs. */
const columnsIn = (currency: string): readonly Column<Item>[] => [
  { key: "document", header: "Invoice", cell: (row) => row.document_number, narrow: "title" },
  { key: "party", header: "Supplier", cell: (row) => row.party_name, narrow: "detail" },
  { key: "due", header: "Due", cell: (row) => <DateText date={row.due_on} />, narrow: "detail" },
  {
    key: "overdue",
    header: "Overdue",
    cell: (row) => (row.days_overdue > 0 ? <Badge tone="negative">{row.days_overdue} days</Badge> : null),
    narrow: "detail",
  },
  { key: "balance", header: "Balance", cell: (row) => <Money amount={row.balance} currency={row.currency === currency ? null : row.currency} />, align: "end", narrow: "end" },
  {
    key: "pay",
    header: "Pay",
    cell: (row) =>
      row.payment_block ? (
        <Badge tone="warning">Blocked</Badge>
      ) : (
        <Link href={beginHref(payment, row.document_type, row.document)} aria-label={`Pay ${row.document_number}`} className="link relative z-1 inline-flex min-h-6 items-center">
          Pay
        </Link>
      ),
    align: "end",
    narrow: "detail",
  },
];

/** The supplier invoices that are due first. */
function ToPay() {
  const { moment, ready, href } = useMoment();
  const { data, error, refetch } = useReport("billing/open-items", { ...moment, side: "payable" }, ready);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={4} label="Loading what is due" />;
  const due = [...data.data].sort((a, b) => a.due_on.localeCompare(b.due_on));
  return (
    <section aria-labelledby="due" className="panel mb-4 overflow-hidden">
      <div className="flex items-baseline justify-between gap-3 px-4 pt-3 pb-1">
        <h2 id="due" className="text-base font-semibold">
          To pay next
        </h2>
        <Link href={href("/billing/open-items/")} className="link text-xs">
          All {due.length} open, <Money amount={sum(due.map((row) => row.balance_company))} currency={data.currency} />
        </Link>
      </div>
      {due.length === 0 ? (
        <EmptyState title="Nothing is due">Posted supplier invoices with a balance left are listed here by their due date.</EmptyState>
      ) : (
        <DataTable
          label="To pay next"
          keys
          columns={columnsIn(data.currency)}
          rows={due.slice(0, SHOWN)}
          rowKey={(row) => row.document}
          href={(row) => documentHref(row.document_type, row.document)}
        />
      )}
    </section>
  );
}
