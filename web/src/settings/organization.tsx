"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useSession } from "@/api/auth";
import { fieldError } from "@/api/errors";
import { useMay } from "@/api/permissions";
import { createRow, patchRow } from "@/api/resources";
import type { Row } from "@/api/types";
import { useChosen } from "@/api/use-chosen";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { DecimalInput, Input } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";

interface Company extends Row {
  readonly code: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
  readonly timezone: string;
  readonly policies: Policies;
  readonly version: number;
}

type Policies = Readonly<Record<(typeof TOLERANCES)[number][0], string>> & { readonly lines_without_budget: boolean };

const TOLERANCES = [
  ["price_tolerance", "Price, %"],
  ["price_tolerance_amount", "Price, amount of a line"],
  ["quantity_tolerance", "Invoiced quantity, %"],
  ["over_receipt_tolerance", "Over-receipt, %"],
] as const;

const NO_TOLERANCE: Policies = {
  price_tolerance: "0",
  price_tolerance_amount: "0",
  quantity_tolerance: "0",
  over_receipt_tolerance: "0",
  lines_without_budget: true,
};

/** The organization, and the companies that keep books in it. */
export function OrganizationPage() {
  const { organization } = useSession();
  const [, update] = useUrlState();
  const [creating, setCreating] = useState(false);
  const mayCreate = useMay()("platform.company.create");
  useShortcuts(mayCreate ? { c: () => setCreating(true) } : {});
  const company = useChosen<Company>("companies");
  const create = mayCreate ? (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New company
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={organization?.name ?? "Organization"} note={organization ? `Its short name is ${organization.slug}` : null} actions={create} />
      <section className="panel overflow-hidden" aria-labelledby="companies">
        <h2 id="companies" className="border-b border-line px-4 py-2 font-semibold">
          Companies
        </h2>
        <PagedList
          label="Companies"
          collection="companies"
          query={{}}
          columns={COLUMNS}
          href={(row) => `/settings/organization/?id=${row.id}`}
          empty={<EmptyState title="No companies" action={create} />}
        />
      </section>
      {creating ? <CompanyDialog company={null} onClose={() => setCreating(false)} /> : null}
      {company ? <CompanyDialog key={company.id} company={company} onClose={() => update({ id: null })} /> : null}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { key: "code", header: "Code", narrow: "detail", cell: (row) => String(row.code) },
  { key: "name", header: "Name", narrow: "title", cell: (row) => String(row.name) },
  { key: "country", header: "Country", narrow: "detail", cell: (row) => String(row.country) },
  { key: "currency", header: "Currency", narrow: "end", cell: (row) => String(row.currency) },
  { key: "timezone", header: "Time zone", cell: (row) => String(row.timezone) },
];

function CompanyDialog({ company, onClose }: { readonly company: Company | null; readonly onClose: () => void }) {
  const [values, setValues] = useState({ code: "", name: company?.name ?? "", country: "", currency: "", timezone: company?.timezone ?? "UTC" });
  const [policies, setPolicies] = useState(company?.policies ?? NO_TOLERANCE);
  const mayChange = useMay()(company ? "platform.company.update" : "platform.company.create");
  const queries = useQueryClient();
  const run = async () => {
    const { name, timezone } = values;
    if (company) await patchRow("companies", company.id, { name, timezone, policies }, { version: company.version });
    else await createRow("companies", { ...values, country: values.country.toUpperCase(), currency: values.currency.toUpperCase(), policies });
    await queries.invalidateQueries();
    toast.done(`${name} saved`);
    onClose();
  };
  const field = (name: keyof typeof values, label: string, error: unknown, maxLength = 200) => (
    <Field label={label} required error={fieldError(error, `/${name}`)}>
      {(control) => (
        <Input {...control} required autoFocus={name === (company ? "name" : "code")} maxLength={maxLength} value={values[name]} onChange={(event) => setValues((now) => ({ ...now, [name]: event.target.value }))} />
      )}
    </Field>
  );
  return (
    <FormDialog title={company?.name ?? "New company"} {...(company ? { description: `${company.code}, ${company.country}, ${company.currency}` } : {})} label="Save" readOnly={!mayChange} run={run} onClose={onClose}>
      {(error) => (
        <>
          {company ? null : (
            <div className="grid grid-cols-3 gap-3">
              {field("code", "Code", error, 20)}
              {field("country", "Country", error, 2)}
              {field("currency", "Currency", error, 3)}
            </div>
          )}
          <div className="grid grid-cols-2 gap-3">
            {field("name", "Name", error)}
            {field("timezone", "Time zone", error)}
          </div>
          <fieldset>
            <legend className="mb-1 font-medium">What may differ before an invoice is blocked or a receipt refused</legend>
            <div className="grid grid-cols-2 gap-3">
              {TOLERANCES.map(([name, label]) => (
                <Field key={name} label={label} error={fieldError(error, `/policies/${name}`)}>
                  {(control) => <DecimalInput {...control} value={policies[name]} onValue={(value) => setPolicies((now) => ({ ...now, [name]: value }))} />}
                </Field>
              ))}
            </div>
          </fieldset>
          <label className="flex min-h-6 items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4"
              checked={policies.lines_without_budget}
              onChange={(event) => setPolicies((now) => ({ ...now, lines_without_budget: event.target.checked }))}
            />
            Lines may name no budget line
          </label>
        </>
      )}
    </FormDialog>
  );
}
