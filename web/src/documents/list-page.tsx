"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useMemo } from "react";
import { type Condition, parseCondition, renderCondition, renderConditions } from "@/api/filters";
import { useMe } from "@/api/me";
import { useMay } from "@/api/permissions";
import { findReferences } from "@/api/references";
import type { Row } from "@/api/types";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { AddCondition, ConditionChip, FilterBar, type FilterField, ToggleChips } from "@/ui/filter-bar";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { ExportButton } from "./export-button";
import { documentHref, listHref, newHref, permissionTo, typeOfCollection } from "./registry";
import type { DocumentType, Preset } from "./types/shape";
import { FieldValue, isFigure } from "./value";

/** Parameters of the address that are no conditions. */
const OWN_PARAMS: readonly string[] = ["q", "sort"];

export function DocumentListPage({ collection }: { readonly collection: string }) {
  const type = typeOfCollection(collection);
  const router = useRouter();
  const [params, update] = useUrlState();
  const conditions = [...params].filter(([name]) => !OWN_PARAMS.includes(name)).map(([name, text]) => parseCondition(name, text));
  const phases = conditions.find((condition) => condition.field === "phase")?.value.split(",") ?? [];
  const others = conditions.filter((condition) => condition.field !== "phase");
  const [q, sort] = [params.get("q"), params.get("sort")];
  const query = { where: renderConditions(conditions), ...(q ? { q } : {}), ...(sort ? { sort } : {}) };
  const setConditions = (next: readonly Condition[]) => {
    const gone = Object.fromEntries(conditions.map((condition) => [condition.field, null]));
    update({ ...gone, ...renderConditions(next) });
  };
  const setPhases = (chosen: readonly string[]) =>
    setConditions([...others, ...(chosen.length > 0 ? [{ field: "phase", operator: "in" as const, value: chosen.join(",") }] : [])]);
  const onQ = useCallback((typed: string) => update({ q: typed || null }), [update]);
  const may = useMay();
  useShortcuts({ c: () => may(permissionTo("create", type)) && router.push(newHref(type)) });
  const columns = useMemo(() => columnsOf(type), [type]);
  const fields = useMemo(() => filterFields(type), [type]);
  const presets = usePresets(type);
  const chosen = presets.filter((preset) => others.some((condition) => asks(condition, preset))).map(({ label }) => label);
  /** What is pressed takes the place of every other condition on its field. */
  const setPresets = (labels: readonly string[]) => {
    const pressed = presets.find(({ label }) => labels.includes(label) !== chosen.includes(label));
    if (!pressed) return;
    const rest = conditions.filter(({ field }) => field !== pressed.condition.field);
    setConditions(chosen.includes(pressed.label) ? rest : [...rest, pressed.condition]);
  };
  const filtered = Boolean(q) || conditions.length > 0;
  return (
    <>
      <PageHeader
        title={type.plural}
        actions={
          <>
            <ExportButton type={type} query={query} />
            <CreateButton type={type} />
          </>
        }
      />
      <div className="panel overflow-clip">
        <FilterBar q={q ?? ""} onQ={onQ} placeholder={`Filter ${type.plural.toLowerCase()}`}>
          {type.phases.length > 0 ? <ToggleChips label="Status" options={type.phases} chosen={phases} onChosen={setPhases} /> : null}
          <ToggleChips label="Often asked for" options={presets.map(({ label }) => ({ value: label, label }))} chosen={chosen} onChosen={setPresets} />
          {others.filter((condition) => !presets.some((preset) => asks(condition, preset))).map((condition) => (
            <ConditionChip
              key={`${condition.field} ${renderCondition(condition)}`}
              condition={condition}
              field={fields.find((field) => field.value === condition.field)}
              onRemove={() => setConditions(conditions.filter((other) => other !== condition))}
            />
          ))}
          <AddCondition fields={fields} onAdd={(added) => setConditions([...conditions, ...added])} />
        </FilterBar>
        {q ? (
          <PartiesNamed
            text={q}
            fields={fields}
            onChosen={(condition) => update({ q: null, ...renderConditions([...conditions.filter(({ field }) => field !== condition.field), condition]) })}
          />
        ) : null}
        <PagedList
          label={type.plural}
          collection={type.collection}
          query={query}
          columns={columns}
          stickyHead
          href={(row) => documentHref(String(row.type), row.id)}
          onSort={(sort) => update({ sort })}
          empty={
            filtered ? (
              <EmptyState title="Nothing matches" action={<Button onClick={() => router.replace(listHref(type))}>Clear filters</Button>}>
                No {type.singular.toLowerCase()} fits the text and filters above.
              </EmptyState>
            ) : (
              <EmptyState title={`No ${type.plural.toLowerCase()} yet`} action={<CreateButton type={type} />}>
                {type.purpose}
              </EmptyState>
            )
          }
        />
      </div>
    </>
  );
}

/** For somebody who may create. */
function CreateButton({ type }: { readonly type: DocumentType }) {
  const may = useMay();
  if (!may(permissionTo("create", type))) return null;
  return (
    <Button variant="primary" asChild>
      <Link href={newHref(type)}>
        <Plus aria-hidden />
        New {type.singular.toLowerCase()}
      </Link>
    </Button>
  );
}

interface PartiesNamedProps {
  readonly text: string;
  readonly fields: readonly FilterField[];
  readonly onChosen: (condition: Condition) => void;
}

const NAMED = 3;

/** The text looks for words of the documents themselves; parties of that name are offered as a filter. */
function PartiesNamed({ text, fields, onChosen }: PartiesNamedProps) {
  const field = fields.find(({ reference }) => reference === "supplier" || reference === "party");
  const { data } = useQuery({
    queryKey: ["lookup", "party", text],
    queryFn: () => findReferences("party", text),
    enabled: field !== undefined,
    staleTime: 30_000,
  });
  if (!field || !data || data.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2 text-xs text-muted">
      {field.label} of that name:
      {data.slice(0, NAMED).map(({ ref }) => (
        <Button key={ref.id} size="small" onClick={() => onChosen({ field: field.value, operator: "eq", value: ref.code ?? ref.id })}>
          {ref.name}
        </Button>
      ))}
    </p>
  );
}

const asks = (condition: Condition, { condition: asked }: Preset): boolean => condition.field === asked.field && renderCondition(condition) === renderCondition(asked);

/** What is asked for every day: my own documents, and what the type says. */
function usePresets(type: DocumentType): readonly Preset[] {
  const { data: me } = useMe();
  return useMemo(
    () => [...(me ? [{ label: "Mine", condition: { field: "created_by", operator: "eq" as const, value: me.principal } }] : []), ...(type.presets ?? [])],
    [me, type],
  );
}

export const columnsOf = (type: DocumentType): Column<Row>[] =>
  type.list.map((spec, index) => ({
    key: spec.name,
    header: spec.label,
    cell: (row) =>
      spec.name === "number" ? <span className="whitespace-nowrap">{String(row.number ?? "Draft")}</span> : <FieldValue spec={spec} values={row} currency={row.currency} />,
    ...(isFigure(spec) ? { align: "end" as const } : {}),
    ...(spec.sortable ? { sort: spec.sortable === true ? spec.name : spec.sortable } : {}),
    ...(index === 0 ? { narrow: "title" as const } : spec.narrow ? { narrow: spec.narrow } : {}),
  }));

/** A person is filtered by name, for people have no code; the status has its own buttons. */
const filterFields = (type: DocumentType): FilterField[] =>
  type.list.flatMap(({ name, label, kind, sortable, reference, choices }) =>
    !sortable || name === "state" || kind === "price" || kind === "quantity" || kind === "choices"
      ? []
      : [{ value: kind === "text" && sortable !== true ? sortable : name, label, kind, ...(reference ? { reference } : {}), ...(choices ? { choices } : {}) }],
  );
