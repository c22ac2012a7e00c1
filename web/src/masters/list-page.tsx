"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback } from "react";
import { useMay } from "@/api/permissions";
import type { Row } from "@/api/types";
import { FieldValue, isFigure } from "@/documents/value";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { FilterBar } from "@/ui/filter-bar";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import type { MasterKind } from "./registry";

export function MasterListPage({ kind }: { readonly kind: MasterKind }) {
  const router = useRouter();
  const [params, update] = useUrlState();
  const [q, sort] = [params.get("q"), params.get("sort")];
  const onQ = useCallback((typed: string) => update({ q: typed || null }), [update]);
  const mayCreate = useMay()(`${kind.permission}.create`);
  useShortcuts(mayCreate ? { c: () => router.push(`${kind.route}edit/`) } : {});
  const create = mayCreate ? (
    <Button variant="primary" asChild>
      <Link href={`${kind.route}edit/`}>
        <Plus aria-hidden />
        New {kind.singular.toLowerCase()}
      </Link>
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={kind.plural} actions={create} />
      <div className="panel overflow-hidden">
        <FilterBar q={q ?? ""} onQ={onQ} placeholder={`Filter ${kind.plural.toLowerCase()}`} />
        <PagedList
          label={kind.plural}
          collection={kind.collection}
          query={{ ...(q ? { q } : {}), ...(sort ? { sort } : {}) }}
          columns={columnsOf(kind)}
          href={(row) => `${kind.route}edit/?id=${row.id}`}
          onSort={(next) => update({ sort: next })}
          empty={
            q ? (
              <EmptyState title="Nothing matches" action={<Button onClick={() => update({ q: null })}>Clear the filter</Button>}>
                No {kind.singular.toLowerCase()} fits “{q}”.
              </EmptyState>
            ) : (
              <EmptyState title="None yet" action={create}>
                {kind.purpose}
              </EmptyState>
            )
          }
        />
      </div>
    </>
  );
}

const columnsOf = (kind: MasterKind): Column<Row>[] =>
  kind.list.map((spec) => ({
    key: spec.name,
    header: spec.label,
    cell: (row) => (spec.name === "active" ? <Retired active={row.active} /> : <FieldValue spec={spec} values={row} currency={row.currency} />),
    ...(isFigure(spec) ? { align: "end" as const } : {}),
    ...(spec.sortable ? { sort: spec.name } : {}),
    ...(spec === titleOf(kind) ? { narrow: "title" as const } : spec.narrow ? { narrow: spec.narrow } : {}),
  }));

/** What a row is called on phones. */
const titleOf = (kind: MasterKind) => kind.list.find(({ name }) => name === "name") ?? kind.list[0];

/** Said only of what is out of use. */
const Retired = ({ active }: { readonly active: unknown }) => (active === false ? <Badge>Inactive</Badge> : null);
