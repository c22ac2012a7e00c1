import type { UseQueryResult } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useId } from "react";
import { ErrorState, LoadingRows } from "@/ui/states";

interface TileProps<Answer> {
  readonly title: string;
  readonly href: string;
  readonly more: string;
  readonly query: UseQueryResult<Answer>;
  readonly children: (answer: Answer) => ReactNode;
}

/** One part of the home page: what it tells, or why it cannot. */
export function Tile<Answer>({ title, href, more, query, children }: TileProps<Answer>) {
  const id = useId();
  const { data, error, refetch } = query;
  return (
    <section aria-labelledby={id} className="panel flex min-w-0 flex-col">
      <div className="flex items-baseline justify-between gap-3 px-4 pt-3 pb-2">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        <Link href={href} className="link text-xs">
          {more}
        </Link>
      </div>
      <div className="flex-1 pb-3">
        {error ? (
          <div className="px-4">
            <ErrorState error={error} onRetry={() => void refetch()} />
          </div>
        ) : null}
        {data !== undefined ? children(data) : error ? null : <LoadingRows rows={4} label={`Loading ${title.toLowerCase()}`} />}
      </div>
    </section>
  );
}

/** A tile with nothing to show says what would bring it something. */
export const TileNote = ({ children }: { readonly children: ReactNode }) => <p className="px-4 py-6 text-muted">{children}</p>;

interface TileRowProps {
  readonly href: string;
  readonly title: string;
  readonly detail: ReactNode;
  readonly figure: ReactNode;
}

export const TileRow = ({ href, title, detail, figure }: TileRowProps) => (
  <li className="relative flex items-baseline justify-between gap-3 border-b border-line px-4 py-2 last:border-b-0 hover:bg-hover">
    <span className="min-w-0">
      <Link href={href} data-row-link className="quiet-link font-medium after:absolute after:inset-0">
        {title}
      </Link>
      <span className="block text-xs text-muted sm:ml-3 sm:inline">{detail}</span>
    </span>
    <span className="shrink-0">{figure}</span>
  </li>
);
