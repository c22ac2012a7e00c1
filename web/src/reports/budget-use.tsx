"use client";

import Link from "next/link";
import type { AskedFor } from "@/api/documents";
import { useReport } from "@/api/reports";
import { Explained } from "@/documents/explain";
import { documentHref } from "@/documents/registry";
import { budget } from "@/documents/types/ledger";
import { isZero, sum } from "@/lib/decimal";
import { formatQuantity, humanize } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { BurnTrack, Legend } from "@/ui/charts";
import { type Column, DataTable } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { Money } from "@/ui/figures";
import { Select } from "@/ui/input";
import { EmptyState } from "@/ui/states";
import { BURN_LEGEND, type BudgetRow, burnParts, usedPercent, yearsOf } from "./burn";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";
import { SumRow } from "./sum-row";

/** Budget, what is requested and ordered of it, what is spent, what is left; line by line, budget by budget. */
export function BudgetUsePage() {
  const { params, update } = useMoment();
  return (
    <ReportPage name="ledger/budget-vs-actual" title="Budget and actual" filters={<YearFilter year={params.get("year") ?? ""} onYear={(year) => update({ year })} />}>
      {(answer) => {
        const [latest] = yearsOf(answer.rows);
        const year = params.get("year") ?? latest;
        const rows = answer.rows.filter((row) => row.fiscal_year === year);
        if (rows.length === 0) return <EmptyState title="No budget">No approved budget is for this year.</EmptyState>;
        const total = (member: "budgeted" | "actual" | "remaining") => sum(rows.map((row) => row[member]));
        return (
          <>
            <Headlines
              figures={[
                { label: `Budgeted for ${year}`, amount: total("budgeted") },
                { label: "Committed", amount: sum(rows.flatMap((row) => [row.encumbered, row.pre_encumbered])) },
                { label: "Actual", amount: total("actual") },
                { label: "Remaining", amount: total("remaining") },
              ]}
            />
            <div className="px-4 pt-3">
              <Legend parts={BURN_LEGEND} />
            </div>
            {byBudget(rows).map((lines) => (
              <BudgetLines key={lines[0]?.budget} lines={lines} />
            ))}
          </>
        );
      }}
    </ReportPage>
  );
}

const byBudget = (rows: readonly BudgetRow[]): BudgetRow[][] =>
  [...new Set(rows.map((row) => row.budget))].map((id) => rows.filter((row) => row.budget === id));

const MEMBERS = ["budgeted", "pre_encumbered", "encumbered", "actual", "remaining"] as const;

/** The lines of one budget and their sums. */
function BudgetLines({ lines }: { readonly lines: readonly BudgetRow[] }) {
  const { moment, href } = useMoment();
  const [first] = lines;
  if (!first) return null;
  const shown = columns({
    commitments: (row) => href("/procurement/commitments/", { budget_line: row.budget_line, code: row.code }),
    position: (row) => lines.indexOf(row),
    asked: { ...(moment.as_of ? { as_of: moment.as_of } : {}), ...(moment.known_at ? { known_at: moment.known_at } : {}) },
  });
  return (
    <section aria-label={first.budget_name}>
      <h2 className="flex items-center gap-2 px-4 pt-4 pb-1 text-base font-semibold">
        <Link href={documentHref(budget.code, first.budget)} className="quiet-link">
          {first.budget_name}
        </Link>
        <Badge>{humanize(first.control)}</Badge>
      </h2>
      <DataTable
        label={first.budget_name}
        columns={shown}
        rows={lines}
        rowKey={(row) => row.budget_line}
        href={(row) => documentHref(budget.code, row.budget)}
        footer={<SumRow columns={shown} sums={Object.fromEntries(MEMBERS.map((member) => [member, sum(lines.map((row) => row[member]))]))} />}
      />
    </section>
  );
}

interface Drill {
  readonly commitments: (row: BudgetRow) => string;
  /** Where a line stands in its budget. */
  readonly position: (row: BudgetRow) => number;
  readonly asked: AskedFor;
}

const columns = ({ commitments, position, asked }: Drill): Column<BudgetRow>[] => [
  { key: "code", header: "Line", cell: (row) => [row.code, row.name].filter(Boolean).join(" "), narrow: "title" },
  {
    key: "used",
    header: "Used",
    cell: (row) => (
      <span className="flex items-center gap-2">
        <span className="block w-36">
          <BurnTrack whole={row.budgeted} parts={burnParts(row)} />
        </span>
        <span className="w-12 text-right text-xs text-muted">{formatQuantity(usedPercent(row))} %</span>
      </span>
    ),
    narrow: "detail",
  },
  figure("budgeted", "Budgeted", position, asked),
  { key: "pre_encumbered", header: "Requested", cell: (row) => <Committed amount={row.pre_encumbered} href={commitments(row)} />, align: "end" },
  { key: "encumbered", header: "Ordered", cell: (row) => <Committed amount={row.encumbered} href={commitments(row)} />, align: "end" },
  figure("actual", "Actual", position, asked),
  { ...figure("remaining", "Remaining", position, asked), narrow: "end" },
];

/** A figure of a line tells the rows behind it, as the budget itself explains them. */
const figure = (member: "budgeted" | "actual" | "remaining", header: string, position: Drill["position"], asked: AskedFor): Column<BudgetRow> => ({
  key: member,
  header,
  cell: (row) => (
    <Explained collection={budget.collection} id={row.budget} path={`/lines/${position(row)}/${member}`} label={`${row.code}, ${header.toLowerCase()}`} asked={asked}>
      <Money amount={row[member]} />
    </Explained>
  ),
  align: "end",
});

const Committed = ({ amount, href }: { readonly amount: string; readonly href: string }) =>
  isZero(amount) ? (
    <Money amount={amount} />
  ) : (
    <Link href={href} className="link relative z-1">
      <Money amount={amount} />
    </Link>
  );

interface YearFilterProps {
  readonly year: string;
  readonly onYear: (year: string) => void;
}

function YearFilter({ year, onYear }: YearFilterProps) {
  const { moment, ready } = useMoment();
  const { data } = useReport("ledger/budget-vs-actual", moment, ready);
  const years = [...new Set([...(year ? [year] : []), ...yearsOf(data?.rows ?? [])])].sort().reverse();
  return (
    <Field label="Fiscal year" className="sm:w-36">
      {(control) => (
        <Select
          {...control}
          choices={years.map((one) => ({ value: one, label: one }))}
          value={year || (years[0] ?? "")}
          onChange={(event) => onYear(event.target.value)}
        />
      )}
    </Field>
  );
}
