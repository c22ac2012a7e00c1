import Link from "next/link";
import { type ReactNode, useEffect } from "react";

interface PageHeaderProps {
  readonly title: ReactNode;
  /** For the browser's tab, where the title is more than text. */
  readonly name?: string;
  readonly crumb?: { readonly href: string; readonly label: string };
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHeader({ title, name, crumb, note, actions }: PageHeaderProps) {
  const label = name ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    if (label) document.title = `${label} · bizcore`;
  }, [label]);
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        {crumb ? (
          <Link href={crumb.href} className="text-xs text-muted hover:text-ink">
            {crumb.label}
          </Link>
        ) : null}
        <h1 className="flex flex-wrap items-center gap-2.5 text-xl font-semibold tracking-tight">{title}</h1>
        {note ? <p className="mt-0.5 text-muted">{note}</p> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </div>
  );
}
