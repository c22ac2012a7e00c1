"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { refLabel, refValue } from "@/api/names";
import { useMay } from "@/api/permissions";
import { createRow, listAll } from "@/api/resources";
import { setPeriod } from "@/api/settings";
import type { Ref, Row } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { DateText } from "@/ui/figures";
import { FormDialog } from "@/ui/form-dialog";
import { DateInput, Input, Textarea } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";

interface FiscalYear extends Row {
  readonly year: number;
  readonly company: Ref;
}

interface Period extends Row {
  readonly name: string;
  readonly fiscal_year: string;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly state: string;
  readonly reason: string | null;
}

type MayChange = Readonly<Record<"close" | "reopen", boolean>>;
type Change = { readonly period: Period; readonly action: "close" | "reopen" };

/** Fiscal years and their periods: what is closed takes no postings any more. */
export function PeriodsPage() {
  const years = useQuery({ queryKey: ["fiscal-years"], queryFn: () => listAll<FiscalYear>("ledger/fiscal-years", { sort: "-year" }) });
  const periods = useQuery({ queryKey: ["periods"], queryFn: () => listAll<Period>("ledger/periods", { sort: "starts_on" }) });
  const [change, setChange] = useState<Change | null>(null);
  const [opening, setOpening] = useState(false);
  const may = useMay();
  const open = may("ledger.fiscal_year.create") ? (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setOpening(true)}>
      Open a fiscal year
    </Button>
  ) : null;
  const mayChange = { close: may("ledger.period.close"), reopen: may("ledger.period.reopen") };
  const error = years.error ?? periods.error;
  return (
    <>
      <PageHeader title="Periods" actions={open} />
      {error ? <ErrorState error={error} /> : null}
      {(years.isPending || periods.isPending) && !error ? <LoadingRows label="Loading periods" /> : null}
      {years.data?.length === 0 ? <EmptyState title="No fiscal year yet" action={open} /> : null}
      <div className="flex flex-col gap-4">
        {periods.data
          ? years.data?.map((year) => (
              <Year key={year.id} year={year} periods={periods.data.filter((period) => period.fiscal_year === year.id)} mayChange={mayChange} onChange={setChange} />
            ))
          : null}
      </div>
      {change ? <ChangePeriod change={change} onClose={() => setChange(null)} /> : null}
      {opening ? <OpenYear after={Math.max(0, ...(years.data ?? []).map(({ year }) => year))} onClose={() => setOpening(false)} /> : null}
    </>
  );
}

interface YearProps {
  readonly year: FiscalYear;
  readonly periods: readonly Period[];
  readonly mayChange: MayChange;
  readonly onChange: (change: Change) => void;
}

const Year = ({ year, periods, mayChange, onChange }: YearProps) => (
  <section aria-label={`${year.year} ${refLabel(year.company)}`} className="panel overflow-hidden">
    <h2 className="flex items-baseline gap-2 border-b border-line px-4 py-2 font-semibold">
      {year.year}
      <span className="text-xs font-normal text-muted">
        {refLabel(year.company)}, {periods.filter((period) => period.state === "open").length} of {periods.length} open
      </span>
    </h2>
    <DataTable label={`Periods of ${year.year}`} columns={columnsOf(mayChange, onChange)} rows={periods} rowKey={(period) => period.id} />
  </section>
);

const columnsOf = (mayChange: MayChange, onChange: (change: Change) => void): Column<Period>[] => [
  { key: "name", header: "Period", narrow: "title", cell: (period) => period.name },
  { key: "starts_on", header: "From", narrow: "detail", cell: (period) => <DateText date={period.starts_on} /> },
  { key: "ends_on", header: "To", narrow: "detail", cell: (period) => <DateText date={period.ends_on} /> },
  {
    key: "state",
    header: "State",
    narrow: "detail",
    cell: (period) => <Badge tone={period.state === "open" ? "positive" : "neutral"}>{period.state === "open" ? "Open" : "Closed"}</Badge>,
  },
  { key: "reason", header: "Reason", cell: (period) => <span className="text-muted">{period.reason}</span> },
  {
    key: "change",
    header: "Change",
    align: "end",
    narrow: "end",
    cell: (period) => {
      const action = period.state === "open" ? "close" : "reopen";
      return mayChange[action] ? (
        <Button size="small" aria-label={`${LABELS[action]} ${period.name}`} onClick={() => onChange({ period, action })}>
          {LABELS[action]}
        </Button>
      ) : null;
    },
  },
];

const LABELS = { close: "Close", reopen: "Reopen" } as const;

function ChangePeriod({ change: { period, action }, onClose }: { readonly change: Change; readonly onClose: () => void }) {
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const run = async () => {
    await setPeriod(period.id, action, reason);
    await queries.invalidateQueries();
    toast.done(`${period.name} is ${action === "close" ? "closed" : "open again"}`);
    onClose();
  };
  return (
    <FormDialog title={`${LABELS[action]} ${period.name}`} label={LABELS[action]} run={run} onClose={onClose}>
      {(error) => (
        <Field label="Reason" required error={fieldError(error, "/reason")}>
          {(control) => <Textarea {...control} required autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      )}
    </FormDialog>
  );
}

function OpenYear({ after, onClose }: { readonly after: number; readonly onClose: () => void }) {
  const [year, setYear] = useState(after ? String(after + 1) : "");
  const [startsOn, setStartsOn] = useState("");
  const [company, setCompany] = useState<Ref>("");
  const queries = useQueryClient();
  const run = async () => {
    await createRow("ledger/fiscal-years", { year: Number(year), ...(startsOn ? { starts_on: startsOn } : {}), ...(company ? { company: refValue(company) } : {}) });
    await queries.invalidateQueries();
    toast.done(`${year} is open`);
    onClose();
  };
  return (
    <FormDialog title="Open a fiscal year" description="Twelve monthly periods, all open." label="Open" run={run} onClose={onClose}>
      {(error) => (
        <>
          <Field label="Year" required error={fieldError(error, "/year")}>
            {(control) => (
              <Input {...control} required autoFocus inputMode="numeric" pattern="[0-9]{4}" value={year} onChange={(event) => setYear(event.target.value)} />
            )}
          </Field>
          <Field label="First day" hint="Empty for 1 January" error={fieldError(error, "/starts_on")}>
            {(control) => <DateInput {...control} value={startsOn} onValue={setStartsOn} />}
          </Field>
          <Field label="Company" hint="Empty for the only one or your default" error={fieldError(error, "/company")}>
            {(control) => <Combobox {...control} kind="company" value={company} onValue={setCompany} />}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
