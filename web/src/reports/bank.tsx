"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import Link from "next/link";
import { refLabel } from "@/api/names";
import { useMay } from "@/api/permissions";
import { type BalanceQuery, useAccountBalance } from "@/api/reports";
import { listAll } from "@/api/resources";
import type { Row } from "@/api/types";
import { ExplainPopover } from "@/documents/explanation";
import { columnsOf } from "@/documents/list-page";
import { documentHref, listHref, newHref } from "@/documents/registry";
import { payment } from "@/documents/types/billing";
import { Button } from "@/ui/button";
import { Money } from "@/ui/figures";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState, ErrorState, LoadingRows, Skeleton } from "@/ui/states";
import { AccountRows } from "./account-rows";
import { CompanyChoice } from "./company-choice";
import { useMoment } from "./moment";
import { ToPay } from "./to-pay";

/** What is in the bank, what has to be paid next, and what was paid last. */
export function BankPage() {
  const may = useMay();
  const { moment, ready } = useMoment();
  return (
    <>
      <PageHeader
        title="Bank and payments"
        actions={
          <>
            <CompanyChoice />
            {may("billing.payment.create") ? (
              <Button variant="primary" asChild>
                <Link href={newHref(payment)}>
                  <Plus aria-hidden />
                  New payment
                </Link>
              </Button>
            ) : null}
          </>
        }
      />
      {ready ? <BankAccounts company={moment.company} /> : null}
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
        {ready ? (
          <PagedList
            label="Latest payments"
            collection={payment.collection}
            query={{ sort: "-paid_on", limit: 20, ...(moment.company ? { where: { company: moment.company } } : {}) }}
            columns={columnsOf(payment).map(({ sort: _, ...column }) => column)}
            href={(row) => documentHref(payment.code, row.id)}
            empty={<EmptyState title="No payments yet">{payment.purpose}</EmptyState>}
          />
        ) : (
          <LoadingRows label="Loading payments" />
        )}
      </section>
    </>
  );
}

/** Those of one company, or all where there is only one. */
function BankAccounts({ company }: { readonly company: string | undefined }) {
  const { data, error, refetch } = useQuery({ queryKey: ["list", "ledger/bank-accounts", "all"], queryFn: () => listAll("ledger/bank-accounts") });
  if (!data) return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton className="mb-4 h-24" />;
  return (
    <ul aria-label="Bank accounts" className="mb-4 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {data.filter((account) => !company || refLabel(account.company) === company).map((account) => (
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
