"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { isRef, refLabel } from "@/api/names";
import { useMay } from "@/api/permissions";
import { listAll } from "@/api/resources";
import type { Row } from "@/api/types";
import { humanize } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { PageHeader } from "@/ui/page-header";
import { ErrorState, LoadingRows } from "@/ui/states";
import { type AccountRole, AccountRoleDialog } from "./account-role";

interface Rule extends Row {
  readonly fact_kind: string;
  readonly revision: number;
  readonly definition: { readonly book: string; readonly lines: readonly RuleLine[] };
}

interface RuleLine {
  readonly side: "debit" | "credit";
  readonly role: string;
}

/** What each kind of fact books, and which account each role stands for. */
export function PostingRulesPage() {
  const rules = useQuery({ queryKey: ["list", "posting-rules"], queryFn: () => listAll<Rule>("ledger/posting-rules", { sort: "fact_kind" }) });
  const roles = useQuery({ queryKey: ["list", "account-roles"], queryFn: () => listAll<AccountRole>("ledger/account-roles", { sort: "role", expand: "account,for_company,party,item" }) });
  const [assigning, setAssigning] = useState<AccountRole | "new" | null>(null);
  const may = useMay();
  const error = rules.error ?? roles.error;
  return (
    <>
      <PageHeader
        title="Posting rules"
        note="Documents state facts; these rules make balanced entries of them."
        actions={
          may("ledger.account_role.create") ? (
            <Button icon={<Plus aria-hidden />} onClick={() => setAssigning("new")}>
              Assign an account
            </Button>
          ) : null
        }
      />
      {error ? <ErrorState error={error} /> : null}
      {(rules.isPending || roles.isPending) && !error ? <LoadingRows label="Loading posting rules" /> : null}
      {rules.data && roles.data ? (
        <div className="grid items-start gap-4 2xl:grid-cols-[3fr_2fr]">
          <section aria-labelledby="rules" className="panel overflow-hidden">
            <h2 id="rules" className="border-b border-line px-4 py-2 font-semibold">
              Rules in force
            </h2>
            <DataTable label="Rules in force" columns={RULES} rows={inForce(rules.data)} rowKey={(rule) => rule.id} keys />
          </section>
          <section aria-labelledby="roles" className="panel overflow-hidden">
            <h2 id="roles" className="border-b border-line px-4 py-2 font-semibold">
              Accounts by role
            </h2>
            <DataTable label="Accounts by role" columns={rolesOf(may("ledger.account_role.update") ? setAssigning : null)} rows={roles.data} rowKey={(role) => role.id} />
          </section>
        </div>
      ) : null}
      {assigning ? (
        <AccountRoleDialog role={assigning === "new" ? null : assigning} known={namesOf(rules.data ?? [])} onClose={() => setAssigning(null)} />
      ) : null}
    </>
  );
}

/** Of each kind of fact the latest revision; what was posted under an earlier one keeps it. */
function inForce(rules: readonly Rule[]): Rule[] {
  const latest = new Map<string, Rule>();
  for (const rule of rules) if ((latest.get(rule.fact_kind)?.revision ?? 0) < rule.revision) latest.set(rule.fact_kind, rule);
  return [...latest.values()];
}

/** The roles that the rules in force name. */
const namesOf = (rules: readonly Rule[]): string[] =>
  [...new Set(inForce(rules).flatMap(({ definition }) => definition.lines.map(({ role }) => role)))].sort();

/** The roles on one side; on phones, where no header tells which side, it is said. */
const sides = (side: RuleLine["side"]) => (rule: Rule) => {
  const roles = rule.definition.lines.filter((line) => line.side === side).map((line) => humanize(line.role));
  return roles.length > 0 ? (
    <>
      <span className="sm:hidden">{humanize(side)} </span>
      {roles.join(", ")}
    </>
  ) : null;
};

const RULES: readonly Column<Rule>[] = [
  { key: "fact", header: "Fact", narrow: "title", cell: (rule) => <code className="font-mono text-xs">{rule.fact_kind}</code> },
  { key: "book", header: "Book", narrow: "end", cell: (rule) => <Badge>{humanize(rule.definition.book)}</Badge> },
  { key: "debit", header: "Debit", narrow: "detail", cell: sides("debit") },
  { key: "credit", header: "Credit", narrow: "detail", cell: sides("credit") },
  { key: "revision", header: "Revision", align: "end", cell: (rule) => rule.revision },
];

/** For whom a role stands for this account; null where it does for all that nothing narrower is said of. */
function whom(role: AccountRole): string | null {
  if (role.item) return `Item ${refLabel(role.item)}`;
  if (role.item_category) return `Item category ${role.item_category}`;
  if (role.party) return `Party ${refLabel(role.party)}`;
  if (role.for_company) return `Company ${refLabel(role.for_company)}`;
  return null;
}

const rolesOf = (change: ((role: AccountRole) => void) | null): readonly Column<AccountRole>[] => [
  { key: "role", header: "Role", narrow: "title", cell: (role) => humanize(role.role) },
  {
    key: "for",
    header: "For",
    narrow: "detail",
    cell: (role) => whom(role) ?? <span className="text-faint">Everything</span>,
  },
  {
    key: "account",
    header: "Account",
    narrow: "end",
    align: "end",
    cell: ({ account }) => {
      const code = isRef(account) ? (account.code ?? "") : account;
      return (
        <Link className="link" href={`/ledger/account/?code=${encodeURIComponent(code)}`} title={refLabel(account)}>
          {code}
        </Link>
      );
    },
  },
  ...(change
    ? [
        {
          key: "change",
          header: "Change",
          align: "end" as const,
          narrow: "detail" as const,
          cell: (role: AccountRole) => (
            <Button size="small" aria-label={`Change the account of ${humanize(role.role).toLowerCase()}`} onClick={() => change(role)}>
              Change
            </Button>
          ),
        },
      ]
    : []),
];
