"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { useIdempotencyKey } from "@/api/idempotency";
import { isId, isRef, refValue } from "@/api/names";
import { useMay } from "@/api/permissions";
import { namedReference } from "@/api/references";
import { createRow, getRow, patchRow } from "@/api/resources";
import type { Row } from "@/api/types";
import { Clashes } from "@/documents/form/clashes";
import { firstToFill, HeaderFields } from "@/documents/form/header-fields";
import type { Clash } from "@/documents/form/use-form";
import type { Values } from "@/documents/types/shape";
import { mergeFields, same } from "@/lib/merge";
import { useUrlState } from "@/lib/url-state";
import { useSubmit } from "@/lib/use-submit";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/page-header";
import { ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import type { MasterKind } from "./registry";
import { Retirement } from "./retirement";

const VERSION_CONFLICT = 412;

/** A master record as a form: new without an id in the address, else the record as it is, ready to be changed. */
export function MasterFormPage({ kind }: { readonly kind: MasterKind }) {
  const [params] = useUrlState();
  const id = params.get("id");
  const { data, error, refetch } = useQuery({
    queryKey: ["record", kind.collection, id],
    queryFn: () => readRecord(kind, id as string),
    enabled: id !== null,
    refetchOnWindowFocus: false,
  });
  if (id === null) return <RecordForm key="new" kind={kind} record={null} />;
  // A form that is open outlives a lost connection: what is typed into it stays.
  if (data) return <RecordForm key={id} kind={kind} record={data} />;
  return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <LoadingRows rows={4} />;
}

/** A record whose every reference has a name, also those that the answer tells by their id alone. */
async function readRecord(kind: MasterKind, id: string): Promise<Row> {
  const row = await getRow(kind.collection, id);
  const names = kind.fields.map(async ({ name, reference }) => {
    const value = row[name];
    return [name, reference && typeof value === "string" && isId(value) ? await namedReference(reference, value) : value] as const;
  });
  return { ...row, ...Object.fromEntries(await Promise.all(names)) };
}

const plain = (value: unknown): unknown => (isRef(value) ? refValue(value) : value === "" ? null : value);

interface Base {
  readonly values: Values;
  readonly version: number;
}

function RecordForm({ kind, record }: { readonly kind: MasterKind; readonly record: Row | null }) {
  const router = useRouter();
  const queries = useQueryClient();
  const content = (row: Row): Values => Object.fromEntries(kind.fields.map((spec) => [spec.name, row[spec.name]]));
  const [base, setBase] = useState<Base | null>(record ? { values: content(record), version: Number(record.version) } : null);
  const [values, setValues] = useState<Values>(
    record ? content(record) : Object.fromEntries(kind.fields.map((spec) => [spec.name, spec.initial?.()])),
  );
  const [clashes, setClashes] = useState<readonly Clash[]>([]);
  const { key, done } = useIdempotencyKey(`${kind.collection}.${record?.id ?? "new"}`);

  const create = async (): Promise<void> => {
    const given = Object.entries(values).map(([name, value]) => [name, plain(value)] as const);
    const body = Object.fromEntries(given.filter(([, value]) => value !== null && value !== undefined));
    await createRow(kind.collection, kind.sent?.(body) ?? body, { key: key() });
  };
  /** What differs from `before`, under it what somebody saved meanwhile. False while fields that both changed wait for a choice. */
  const change = async (id: string, before: Base, after: Values): Promise<boolean> => {
    const changes = kind.fields.filter((spec) => !spec.createOnly && !same(plain(after[spec.name]), plain(before.values[spec.name])));
    if (changes.length === 0) return true;
    const body = Object.fromEntries(changes.map((spec) => [spec.name, plain(after[spec.name])]));
    try {
      await patchRow(kind.collection, id, body, { version: before.version });
      return true;
    } catch (refusal) {
      if (!(refusal instanceof ApiError) || refusal.status !== VERSION_CONFLICT) throw refusal;
    }
    const theirs = await readRecord(kind, id);
    const { merged, conflicts } = mergeFields(before.values, after, content(theirs));
    const now = { values: content(theirs), version: Number(theirs.version) };
    setBase(now);
    setValues(merged);
    setClashes(conflicts.map((conflict) => ({ ...conflict, line: null })));
    return conflicts.length === 0 && change(id, now, merged);
  };
  const { busy, error, submit } = useSubmit(async () => {
    if (!record || !base) await create();
    else if (!(await change(record.id, base, values))) return;
    done();
    await queries.invalidateQueries();
    toast.done("Saved");
    router.push(kind.route);
  });
  const may = useMay();
  const maySave = record ? !kind.final && may(`${kind.permission}.update`) : may(`${kind.permission}.create`);
  useShortcuts(maySave ? { "mod+s": () => void submit() } : {});
  const errors = new Map(error instanceof ApiError ? error.fields.map((field) => [field.path.split("/")[1] ?? "", field.message]) : []);
  const placed = errors.size > 0 && [...errors.keys()].every((name) => kind.fields.some((spec) => spec.name === name));
  const title = record ? String(record.name ?? kind.singular) : `New ${kind.singular.toLowerCase()}`;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <PageHeader
        crumb={{ href: kind.route, label: kind.plural }}
        title={title}
        actions={
          <>
            {(record ? (kind.leads ?? []) : []).filter(({ permission }) => may(permission)).map(({ label, href }) => (
              <Button key={label} asChild>
                <Link href={href(record as Row)}>{label}</Link>
              </Button>
            ))}
            {record && kind.retired && maySave ? <Retirement kind={kind} record={record} onDone={() => router.push(kind.route)} /> : null}
            {maySave ? (
              <>
                <Button onClick={() => (window.history.length > 1 ? router.back() : router.push(kind.route))}>Cancel</Button>
                <Button type="submit" variant="primary" busy={busy}>
                  Save
                </Button>
              </>
            ) : null}
          </>
        }
      />
      <Clashes
        clashes={clashes}
        onChoose={(clash, value) => {
          setValues((now) => ({ ...now, [clash.field]: value }));
          setClashes((now) => now.filter((other) => other !== clash));
        }}
      />
      {error && !placed ? (
        <div className="mb-4">
          <ErrorState error={error} />
        </div>
      ) : null}
      <fieldset aria-label="Details" disabled={!maySave} className="panel min-w-0 p-4">
        <HeaderFields
          fields={kind.fields}
          values={values}
          errors={errors}
          existing={record !== null}
          focus={record ? undefined : firstToFill(kind.fields, values)}
          onValue={(name, value) => setValues((now) => ({ ...now, [name]: value }))}
        />
      </fieldset>
    </form>
  );
}
