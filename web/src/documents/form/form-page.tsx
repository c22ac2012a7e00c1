"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { act } from "@/api/documents";
import { useMe } from "@/api/me";
import { isId, isRef, refValue } from "@/api/names";
import type { BusinessDocument } from "@/api/types";
import { minorDigits } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Age, Money } from "@/ui/figures";
import { Input } from "@/ui/input";
import { Kbd } from "@/ui/kbd";
import { PageHeader } from "@/ui/page-header";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { LineGrid } from "../grid/line-grid";
import { beginHref, documentHref, isAmended, listHref, typeOfCollection } from "../registry";
import { TotalFigure } from "../total-figure";
import type { DocumentType, Draft, Values } from "../types/shape";
import { useDocument } from "../use-document";
import { contentOf, emptyDraft } from "./body";
import { Clashes } from "./clashes";
import { firstToFill, HeaderFields } from "./header-fields";
import { keptForms } from "./kept";
import { StartFrom } from "./start-from";
import { type Form, useForm } from "./use-form";

/** A new document, empty or begun from another that the address names. */
export function NewDocumentPage({ collection }: { readonly collection: string }) {
  const type = typeOfCollection(collection);
  const [params] = useUrlState();
  const from = params.get("from") ?? "";
  const source = type.sources.find((candidate) => candidate.type === params.get("source"));
  const { data: predecessor, error, isLoading, refetch } = useDocument(source ? from : "");
  if (isLoading) return <LoadingRows label="Loading what it is based on" />;
  if (error && !predecessor) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const empty = emptyDraft(type);
  const begun = source && predecessor ? source.draft(predecessor as Parameters<typeof source.draft>[0]) : null;
  const draft: Draft = begun
    ? { header: { ...empty.header, ...withoutEmpty(begun.header) }, lines: begun.lines.map(withoutEmpty) }
    : empty;
  return <FormPage key={from} type={type} draft={draft} existing={null} {...(begun ? { from } : {})} />;
}

const withoutEmpty = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));

export function EditDocumentPage({ collection }: { readonly collection: string }) {
  const type = typeOfCollection(collection);
  const [params] = useUrlState();
  const id = params.get("id") ?? "";
  // The form is based on the version it opened with; refetching under it would lose what another saved meanwhile.
  const { data, error, refetch } = useDocument(id);
  const [opened, setOpened] = useState<BusinessDocument | null>(null);
  useEffect(() => {
    if (data) setOpened((now) => now ?? data);
  }, [data]);
  if (!isId(id)) return <EmptyState title="No document chosen">The address names no document to edit.</EmptyState>;
  if (!opened) return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <LoadingRows label="Loading the document" />;
  return <FormPage type={type} draft={contentOf(type, opened)} existing={opened} />;
}

interface FormPageProps {
  readonly type: DocumentType;
  readonly draft: Draft;
  readonly existing: BusinessDocument | null;
  /** The document that a new one begins from. */
  readonly from?: string;
}

/** One form; discarding what was kept of it begins it anew. */
function FormPage(props: FormPageProps) {
  const [attempt, setAttempt] = useState(0);
  return <OneForm key={attempt} {...props} onAfresh={() => setAttempt((now) => now + 1)} />;
}

function OneForm({ type, draft, existing, from, onAfresh }: FormPageProps & { readonly onAfresh: () => void }) {
  const router = useRouter();
  const place = keptForms.place(type.code, existing?.id ?? `new ${from ?? ""}`);
  const form = useForm(type, draft, existing, place);
  const { data: me } = useMe();
  // Who keeps the books of one company is not asked for which.
  const asked = me && me.companies.length > 1 ? type.header : type.header.filter((spec) => spec.name !== "company");
  const amends = existing !== null && isAmended(type, existing);
  const fields = amends ? asked.map((spec) => (type.amendable?.includes(spec.name) ? spec : { ...spec, createOnly: true })) : asked;
  const currency = currencyOf(form.header, me?.companies ?? []);
  const [focus] = useState(() => (amends ? undefined : firstToFill(type.header, form.header)));
  const [following, setFollowing] = useState(false);
  const name = existing ? (existing.number ?? `Draft ${type.singular.toLowerCase()}`) : `New ${type.singular.toLowerCase()}`;
  const save = async () => {
    const saved = await form.save();
    if (saved) router.push(documentHref(type.code, saved.id));
    else focusOnRefused();
  };
  const saveAndFollow = async () => {
    const saved = await form.save();
    if (!saved) return focusOnRefused();
    setFollowing(true);
    try {
      await act(type.collection, saved.id, type.next as string, {}, { version: saved.version, key: crypto.randomUUID() });
    } catch (refusal) {
      // It is saved; its page says why the next step is closed.
      toast.failed(refusal);
    }
    router.push(documentHref(type.code, saved.id));
  };
  const cancel = () => {
    const here = `${window.location.pathname}${window.location.search}`;
    const kept = form.forget();
    router.push(existing ? documentHref(type.code, existing.id) : from ? `/documents/view/?id=${from}` : listHref(type));
    if (!kept) return;
    const undo = () => {
      keptForms.write(place, kept);
      router.push(here);
    };
    toast.done(`${existing ? "Changes" : name} discarded`, { undo });
  };
  const busy = form.busy || following;
  const ready = !busy && (!amends || form.reason.trim() !== "");
  const leads = !amends && follows(type);
  useShortcuts({ "mod+s": () => ready && void save(), "mod+Enter": () => ready && void (leads ? saveAndFollow() : save()) });
  return (
    <>
      <PageHeader
        crumb={existing ? { href: documentHref(type.code, existing.id), label: name } : { href: listHref(type), label: type.plural }}
        title={existing ? `${amends ? "Amend" : "Edit"} ${name}` : name}
        note={amends ? "It goes back to review, and holds what it held until it is approved anew." : null}
        actions={
          <>
            <Button onClick={cancel}>Cancel</Button>
            <Button variant={leads ? "secondary" : "primary"} busy={busy} disabled={!ready} onClick={() => void save()}>
              {amends ? "Amend" : type.final ? "Post" : leads ? "Save draft" : "Save"}
            </Button>
            {leads ? (
              <Button variant="primary" busy={busy} onClick={() => void saveAndFollow()}>
                Save and {type.next}
              </Button>
            ) : null}
          </>
        }
      />
      {existing ? null : <StartFrom type={type} onStart={(source, id) => router.replace(beginHref(type, source, id))} />}
      {form.leftAt ? (
        <div role="status" className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line bg-accent-soft px-4 py-2">
          <span>
            Not saved yet: as you left it, <Age instant={form.leftAt} />.
          </span>
          <Button
            size="small"
            onClick={() => {
              form.forget();
              onAfresh();
            }}
          >
            Start afresh
          </Button>
        </div>
      ) : null}
      <Clashes
        clashes={form.clashes}
        numberOf={(line) => form.store.get().findIndex(({ values }) => values.id === line) + 1}
        onChoose={form.choose}
      />
      {form.error ? (
        <div className="mb-4">
          <ErrorState error={form.error} />
        </div>
      ) : null}
      <section aria-label="Details" className="panel mb-4 p-4">
        <HeaderFields
          fields={fields}
          values={form.header}
          errors={form.placed.header}
          existing={existing !== null}
          focus={focus}
          onValue={(field, value) => {
            const source = field === type.sources[0]?.type ? type.sources[0] : undefined;
            if (source && isRef(value)) router.replace(beginHref(type, source.type, value.id));
            else form.setField(field, value);
          }}
        />
        {amends ? (
          <Field label="Reason" required className="mt-3">
            {(control) => <Input {...control} autoFocus value={form.reason} placeholder="Who approves it reads this" onChange={(event) => form.setReason(event.target.value)} />}
          </Field>
        ) : null}
      </section>
      <LinesSection type={type} form={form} currency={currency} />
    </>
  );
}

/** Typing goes on at the first field or cell that was refused, once it is painted as such. */
const focusOnRefused = (): void => void requestAnimationFrame(() => document.querySelector<HTMLElement>("main [aria-invalid=true]")?.focus());

const follows = (type: DocumentType): boolean => type.next === "submit" || type.next === "post";

const CHECK_AFTER_MS = 900;

type Companies = readonly { readonly id: string; readonly currency: string }[];

/** The currency given, else that of the company given, else of the only company. */
function currencyOf(header: Values, companies: Companies): string | null {
  if (typeof header.currency === "string" && header.currency) return header.currency.toUpperCase();
  const company = companies.length === 1 ? companies[0] : companies.find(({ id }) => id === refValue(header.company));
  return company?.currency ?? null;
}

function LinesSection({ type, form, currency }: { readonly type: DocumentType; readonly form: Form; readonly currency: string | null }) {
  const lines = useSyncExternalStore(form.store.subscribe, form.store.get, form.store.get);
  const digits = minorDigits(currency);
  const names = type.lines
    .filter((spec) => !spec.readOnly || (!spec.explain && (spec.name === "net_amount" || lines.some((line) => line.values[spec.name]))))
    .map(({ name }) => name)
    .join();
  // One list for as long as it names the same columns: another one would paint every row anew.
  const columns = useMemo(() => type.lines.filter(({ name }) => names.split(",").includes(name)), [type, names]);
  const totals = type.totals(lines.map((line) => line.values), form.header, digits);
  const checked = useChecked(type, form, lines);
  return (
    <section aria-label={`${type.lineLabel}s`} className="panel overflow-hidden">
      <LineGrid label={`${type.lineLabel}s`} columns={columns} store={form.store} digits={digits} errors={form.placed.lines} />
      <div className="flex flex-wrap items-start justify-between gap-4 border-t border-line px-4 py-3">
        <p className="hidden text-xs text-faint sm:block">
          <Kbd>Tab</Kbd> next cell, <Kbd>⌘</Kbd> <Kbd>V</Kbd> paste from a spreadsheet, <Kbd>⌘</Kbd> <Kbd>D</Kbd> duplicate, <Kbd>?</Kbd> all keys
        </p>
        <dl className="ml-auto flex flex-col gap-1">
          {totals.map((total) => (
            <div key={total.label} className="flex w-56 justify-between gap-6">
              <dt className="text-muted">{total.label}</dt>
              <dd className={total.wrong ? "font-semibold text-negative" : "font-semibold"}>
                <TotalFigure total={total} currency={currency} />
              </dd>
            </div>
          ))}
          {checked?.tax_total ? (
            <>
              <TotalLine label="Tax" amount={checked.tax_total} currency={checked.currency} />
              <TotalLine label="Total" amount={checked.total} currency={checked.currency} />
            </>
          ) : null}
        </dl>
      </div>
    </section>
  );
}

const TotalLine = ({ label, amount, currency }: { readonly label: string; readonly amount: unknown; readonly currency: string | undefined }) => (
  <div className="flex w-56 justify-between gap-6">
    <dt className="text-muted">{label}</dt>
    <dd>
      <Money amount={amount} currency={currency} />
    </dd>
  </div>
);

/** The server's own view of the form a moment after the last key: rule errors in their cells, taxes and totals. */
function useChecked(type: DocumentType, form: Form, lines: readonly { readonly values: Values }[]): BusinessDocument | null {
  const [quiet, setQuiet] = useState<unknown>(null);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet({}), CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [lines, form.header]);
  const complete =
    type.header.every((spec) => !spec.required || Boolean(form.header[spec.name])) &&
    lines.some((line) => type.lines.every((spec) => !spec.required || Boolean(line.values[spec.name])));
  const { data } = useQuery({
    queryKey: ["check", type.code, quiet],
    queryFn: form.check,
    enabled: quiet !== null && complete && !form.busy,
    gcTime: 0,
    retry: false,
  });
  return data ?? null;
}
