"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useMay } from "@/api/permissions";
import { createRow, patchRow } from "@/api/resources";
import type { Row } from "@/api/types";
import { useChosen } from "@/api/use-chosen";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { DecimalInput, Input } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";
import { describeTerms, emptyPart, type StoredPart, storedParts, type TermPart, typedPart } from "./terms";

const COLLECTION = "payment-terms";

interface Terms extends Row {
  readonly code: string;
  readonly name: string;
  readonly parts: readonly StoredPart[];
  readonly active: boolean;
  readonly version: number;
}

/** When an invoice is due, in one part or several. */
export function PaymentTermsPage() {
  const [, update] = useUrlState();
  const [creating, setCreating] = useState(false);
  const may = useMay();
  const mayCreate = may("parties.payment_terms.create");
  useShortcuts(mayCreate ? { c: () => setCreating(true) } : {});
  const terms = useChosen<Terms>(COLLECTION);
  const create = mayCreate ? (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New terms
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Payment terms" actions={create} />
      <div className="panel overflow-hidden">
        <PagedList<Terms>
          label="Payment terms"
          collection={COLLECTION}
          query={{}}
          columns={COLUMNS}
          href={(row) => `/payment-terms/?id=${row.id}`}
          empty={
            <EmptyState title="No payment terms yet" action={create}>
              An invoice is due at once where neither it nor its supplier has terms.
            </EmptyState>
          }
        />
      </div>
      {creating ? <TermsDialog terms={null} onClose={() => setCreating(false)} /> : null}
      {terms ? <TermsDialog key={terms.id} terms={terms} onClose={() => update({ id: null })} /> : null}
    </>
  );
}

const COLUMNS: readonly Column<Terms>[] = [
  { key: "code", header: "Code", narrow: "detail", cell: (row) => row.code },
  { key: "name", header: "Name", narrow: "title", cell: (row) => row.name },
  { key: "parts", header: "Due", narrow: "detail", cell: (row) => describeTerms(row.parts) },
  { key: "active", header: "Status", narrow: "end", cell: (row) => (row.active ? null : <Badge>Inactive</Badge>) },
];

function TermsDialog({ terms, onClose }: { readonly terms: Terms | null; readonly onClose: () => void }) {
  const [code, setCode] = useState("");
  const [name, setName] = useState(terms?.name ?? "");
  const [parts, setParts] = useState<readonly TermPart[]>(terms?.parts.map(typedPart) ?? [{ ...emptyPart, days: "30" }]);
  const mayChange = useMay()(terms ? "parties.payment_terms.update" : "parties.payment_terms.create");
  const queries = useQueryClient();
  const keep = async (saving: Promise<Row>) => {
    await saving;
    await queries.invalidateQueries();
    toast.done(`${name} saved`);
    onClose();
  };
  const change = (changes: object) => patchRow(COLLECTION, terms?.id ?? "", changes, { version: terms?.version ?? 0 });
  const given = { name, parts: storedParts(parts) };
  const set = (at: number, changes: Partial<TermPart>) => setParts((now) => now.map((part, index) => (index === at ? { ...part, ...changes } : part)));
  return (
    <FormDialog
      title={terms?.name ?? "New payment terms"}
      description="Counted from the date of the invoice. The last part is whatever the others leave."
      label="Save"
      readOnly={!mayChange}
      run={() => keep(terms ? change(given) : createRow(COLLECTION, { code, ...given }))}
      onClose={onClose}
      more={
        terms ? (
          <Button onClick={() => void keep(change({ active: !terms.active })).catch(toast.failed)}>{terms.active ? "Deactivate" : "Activate"}</Button>
        ) : null
      }
    >
      {(error) => (
        <>
          <div className="grid grid-cols-3 gap-3">
            {terms ? null : (
              <Field label="Code" required error={fieldError(error, "/code")}>
                {(control) => <Input {...control} required autoFocus value={code} onChange={(event) => setCode(event.target.value)} />}
              </Field>
            )}
            <Field label="Name" required className={terms ? "col-span-3" : "col-span-2"} error={fieldError(error, "/name")}>
              {(control) => <Input {...control} required autoFocus={terms !== null} value={name} onChange={(event) => setName(event.target.value)} />}
            </Field>
          </div>
          {parts.map((part, index) => (
            <Part
              key={index}
              number={index + 1}
              part={part}
              last={index === parts.length - 1}
              error={(member) => fieldError(error, `/parts/${index}/${member}`)}
              onPart={(changes) => set(index, changes)}
              onRemove={parts.length > 1 ? () => setParts((now) => now.filter((_, at) => at !== index)) : null}
            />
          ))}
          <div>
            <Button size="small" icon={<Plus aria-hidden />} onClick={() => setParts((now) => [...now, emptyPart])}>
              Add a part
            </Button>
          </div>
        </>
      )}
    </FormDialog>
  );
}

interface PartProps {
  readonly number: number;
  readonly part: TermPart;
  readonly last: boolean;
  readonly error: (member: string) => string | undefined;
  readonly onPart: (changes: Partial<TermPart>) => void;
  readonly onRemove: (() => void) | null;
}

const Part = ({ number, part, last, error, onPart, onRemove }: PartProps) => (
  <fieldset className="grid grid-cols-[1fr_1fr_1fr_1fr_2rem] items-end gap-2">
    <legend className="sr-only">Part {number}</legend>
    <Field label="Percent" error={error("percent")}>
      {(control) => <DecimalInput {...control} required={!last} disabled={last} placeholder={last ? "rest" : ""} value={last ? "" : part.percent} onValue={(percent) => onPart({ percent })} />}
    </Field>
    <Field label="Months" error={error("months")}>
      {(control) => <Count {...control} value={part.months} onValue={(months) => onPart({ months })} />}
    </Field>
    <Field label="Days" error={error("days")}>
      {(control) => <Count {...control} value={part.days} onValue={(days) => onPart({ days })} />}
    </Field>
    <Field label="On day" error={error("day_of_month")}>
      {(control) => <Count {...control} value={part.dayOfMonth} onValue={(dayOfMonth) => onPart({ dayOfMonth })} />}
    </Field>
    {onRemove ? (
      <IconButton label={`Remove part ${number}`} onClick={onRemove}>
        <X />
      </IconButton>
    ) : null}
  </fieldset>
);

const Count = ({ value, onValue, ...control }: { readonly value: string; readonly onValue: (value: string) => void }) => (
  <Input {...control} inputMode="numeric" pattern="[0-9]*" className="text-right" value={value} onChange={(event) => onValue(event.target.value)} />
);
