import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type ListQuery, listRows } from "@/api/resources";
import type { Row } from "@/api/types";
import { Button } from "./button";
import { type Column, DataTable } from "./data-table";
import { ErrorState, LoadingRows } from "./states";

interface PagedListProps<R extends Row> {
  readonly label: string;
  readonly collection: string;
  readonly query: ListQuery;
  readonly columns: readonly Column<R>[];
  readonly href?: (row: R) => string | null;
  readonly onSort?: (sort: string) => void;
  /** Shown when nothing is found: first use differs from a filter that excludes everything. */
  readonly empty: ReactNode;
  readonly stickyHead?: boolean;
}

/** A collection page by page: its rows, its errors, its emptiness, and the way to more. */
export function PagedList<R extends Row>({ label, collection, query, columns, href, onSort, empty, stickyHead = false }: PagedListProps<R>) {
  const list = useInfiniteQuery({
    queryKey: ["list", collection, query],
    queryFn: ({ pageParam }) => listRows<R>(collection, pageParam ? { ...query, cursor: pageParam } : query),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
  const failure = list.isError ? (
    <div className="p-4">
      <ErrorState error={list.error} onRetry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())} />
    </div>
  ) : null;
  if (!list.data) return failure ?? <LoadingRows label={`Loading ${label.toLowerCase()}`} />;
  const rows = list.data.pages.flatMap((page) => page.data);
  if (rows.length === 0) return empty;
  return (
    <div aria-busy={list.isPlaceholderData || undefined} className={list.isPlaceholderData ? "opacity-60 transition-opacity" : undefined}>
      {failure}
      <DataTable
        label={label}
        columns={columns}
        rows={rows}
        // A document may have several journal entries, and stand in their list as often.
        rowKey={(row) => `${row.id}${String(row.entry_number ?? "")}`}
        keys
        stickyHead={stickyHead}
        sort={query.sort ?? null}
        {...(href ? { href } : {})}
        {...(onSort ? { onSort } : {})}
      />
      <div className="flex items-center justify-between px-4 py-2.5 text-xs text-muted" aria-live="polite">
        <span>
          {rows.length} {list.hasNextPage ? "shown, more to come" : rows.length === 1 ? "row" : "rows"}
        </span>
        {list.hasNextPage ? (
          <Button size="small" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Load more
          </Button>
        ) : null}
      </div>
    </div>
  );
}
