"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useMemo } from "react";
import { type Condition, parseCondition, renderCondition, renderConditions } from "@/api/filters";
import type { Row } from "@/api/types";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { AddCondition, ConditionChip, FilterBar, ToggleChips } from "@/ui/filter-bar";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { documentHref, listHref, newHref, typeOfCollection } from "./registry";
import type { DocumentType } from "./types/shape";
import { FieldValue, isFigure } from "./value";

const PHASES = [
  { value: "draft", label: "Draft" },
  { value: "review", label: "In review" },
  { value: "active", label: "Active" },
  { value: "done", label: "Done" },
  { value: "void", label: "Void" },
];

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
  useShortcuts({ c: () => router.push(newHref(type)) });
  const columns = useMemo(() => columnsOf(type), [type]);
  const filtered = Boolean(q) || conditions.length > 0;
  return (
    <>
      <PageHeader title={type.plural} actions={<CreateButton type={type} />} />
      <div className="panel overflow-hidden">
        <FilterBar q={q ?? ""} onQ={onQ} placeholder={`Filter ${type.plural.toLowerCase()}`}>
          <ToggleChips label="Phase" options={PHASES} chosen={phases} onChosen={setPhases} />
          {others.map((condition) => (
            <ConditionChip
              key={`${condition.field} ${renderCondition(condition)}`}
              condition={condition}
              onRemove={() => setConditions(conditions.filter((other) => other !== condition))}
            />
          ))}
          <AddCondition fields={filterFields(type)} onAdd={(condition) => setConditions([...conditions, condition])} />
        </FilterBar>
        <PagedList
          label={type.plural}
          collection={type.collection}
          query={query}
          columns={columns}
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

const CreateButton = ({ type }: { readonly type: DocumentType }) => (
  <Button variant="primary" asChild>
    <Link href={newHref(type)}>
      <Plus aria-hidden />
      New {type.singular.toLowerCase()}
    </Link>
  </Button>
);

export const columnsOf = (type: DocumentType): Column<Row>[] =>
  type.list.map((spec, index) => ({
    key: spec.name,
    header: spec.label,
    cell: (row) =>
      spec.name === "number" ? <span>{String(row.number ?? "Draft")}</span> : <FieldValue spec={spec} values={row} currency={row.currency} />,
    ...(isFigure(spec) ? { align: "end" as const } : {}),
    ...(spec.sortable ? { sort: spec.name } : {}),
    ...(index === 0 ? { narrow: "title" as const } : spec.narrow ? { narrow: spec.narrow } : {}),
  }));

const filterFields = (type: DocumentType) =>
  type.list
    .filter((spec) => spec.sortable)
    .map((spec) => ({ value: spec.name, label: spec.label, type: spec.kind === "date" ? ("date" as const) : ("text" as const) }));
