"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useRef } from "react";
import { classes } from "@/lib/classes";
import { useNarrow } from "@/lib/media";
import { useShortcuts } from "@/shell/shortcuts";

export interface Column<R> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: R) => ReactNode;
  readonly align?: "end";
  /** The field to sort by, where the server can. */
  readonly sort?: string;
  /** Its place in the two-line form on phones, a labelled detail with its name; columns without one are left out there. */
  readonly narrow?: "title" | "end" | "detail" | "labelled";
}

interface DataTableProps<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly rowKey: (row: R) => string;
  readonly href?: (row: R) => string | null;
  /** As in the API: "-order_date" is descending. */
  readonly sort?: string | null;
  readonly onSort?: (sort: string) => void;
  readonly footer?: ReactNode;
  /** j and k move through the rows of the page's main table. */
  readonly keys?: boolean;
  /** Column names stay in view below the top bar, where the screen is wide enough not to scroll sideways. Nothing around it may scroll. */
  readonly stickyHead?: boolean;
}

/** The row that was opened last, by its address: who comes back to its list goes on from there. */
let lastOpened: string | null = null;

export function DataTable<R>(props: DataTableProps<R>) {
  const narrow = useNarrow();
  const root = useRef<HTMLDivElement>(null);
  const move = (step: number) => {
    const links = [...(root.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
    const focused = links.findIndex((link) => link === document.activeElement);
    const at = focused < 0 ? links.findIndex((link) => link.getAttribute("href") === lastOpened) : focused;
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  };
  useShortcuts(props.keys ? { j: () => move(1), k: () => move(-1) } : {});
  return (
    <div
      ref={root}
      className="min-w-0"
      onClick={(event) => {
        if (event.target instanceof Element) lastOpened = event.target.closest("[data-row-link]")?.getAttribute("href") ?? lastOpened;
      }}
    >
      {narrow ? <Cards {...props} /> : <Table {...props} />}
    </div>
  );
}

function Table<R>({ label, columns, rows, rowKey, href, sort, onSort, footer, stickyHead }: DataTableProps<R>) {
  return (
    <div className={classes("overflow-x-auto", stickyHead && "xl:overflow-x-visible")} tabIndex={0} role="group" aria-label={label}>
      <table className="w-full border-separate border-spacing-0">
        <caption className="sr-only">{label}</caption>
        <thead className={stickyHead ? "xl:sticky xl:top-12 xl:z-2 xl:bg-surface" : undefined}>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const target = href?.(row) ?? null;
            return (
              <tr key={rowKey(row)} className="group relative hover:bg-hover focus-within:bg-hover">
                {columns.map((column, index) => (
                  <td
                    key={column.key}
                    className={classes(
                      "h-9 border-b border-line px-3 py-1 align-middle first:pl-4 last:pr-4",
                      column.align === "end" && "text-right",
                    )}
                  >
                    {index === 0 && target ? (
                      <Link href={target} data-row-link className="quiet-link font-medium after:absolute after:inset-0">
                        {column.cell(row)}
                      </Link>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
        {footer ? <tfoot>{footer}</tfoot> : null}
      </table>
    </div>
  );
}

interface HeaderCellProps<R> {
  readonly column: Column<R>;
  readonly sort: string | null | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
}

function HeaderCell<R>({ column, sort, onSort }: HeaderCellProps<R>) {
  const ascending = sort === column.sort;
  const descending = sort === `-${column.sort}`;
  const sorted = column.sort !== undefined && (ascending || descending);
  return (
    <th
      scope="col"
      aria-sort={sorted ? (ascending ? "ascending" : "descending") : undefined}
      className={classes(
        "h-8 border-b border-line px-3 text-left text-xs font-medium whitespace-nowrap text-muted first:pl-4 last:pr-4",
        column.align === "end" && "text-right",
      )}
    >
      {column.sort && onSort ? (
        <button
          type="button"
          className="inline-flex h-6 items-center gap-1 rounded-sm hover:text-ink"
          onClick={() => onSort(ascending ? `-${column.sort}` : (column.sort as string))}
        >
          {column.header}
          {ascending ? <ArrowUp className="size-3" aria-hidden /> : null}
          {descending ? <ArrowDown className="size-3" aria-hidden /> : null}
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

/** On phones a row is two lines: its name and amount, then the details that place it. */
function Cards<R>({ label, columns, rows, rowKey, href }: DataTableProps<R>) {
  const at = (place: Column<R>["narrow"]) => columns.filter((column) => column.narrow === place);
  return (
    <ul aria-label={label}>
      {rows.map((row) => {
        const target = href?.(row) ?? null;
        const title = at("title").map((column) => (
          <span key={column.key} className="not-last:mr-2">
            {column.cell(row)}
          </span>
        ));
        return (
          <li key={rowKey(row)} className="relative border-b border-line px-4 py-2.5">
            <div className="flex items-baseline justify-between gap-3">
              {target ? (
                <Link href={target} data-row-link className="quiet-link min-w-0 font-medium break-words after:absolute after:inset-0">
                  {title}
                </Link>
              ) : (
                <span className="min-w-0 font-medium break-words">{title}</span>
              )}
              <span className="shrink-0">{at("end").map((column) => <span key={column.key}>{column.cell(row)}</span>)}</span>
            </div>
            <div className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs text-muted">
              {columns
                .filter(({ narrow }) => narrow === "detail" || narrow === "labelled")
                .map((column) => (
                  <span key={column.key}>
                    {column.narrow === "labelled" ? `${column.header} ` : null}
                    {column.cell(row)}
                  </span>
                ))}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
