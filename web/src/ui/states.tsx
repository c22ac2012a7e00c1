import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import { isId } from "@/api/names";
import { classes } from "@/lib/classes";
import { formatAmount, humanize } from "@/lib/format";
import { Button } from "./button";

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Nothing here: what this is for, and the one thing to do next. */
export const EmptyState = ({ title, children, action }: EmptyProps) => (
  <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
    <h2 className="text-base font-semibold">{title}</h2>
    {children ? <p className="max-w-md text-muted">{children}</p> : null}
    {action ? <div className="mt-2">{action}</div> : null}
  </div>
);

/** A refusal in full: what, why, what would pass, and the id under which support finds it. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  const message = known?.message ?? "Something in this page failed. Reload it; if it happens again, tell support.";
  const details = known ? Object.entries(known.details).filter(([name, value]) => name !== "fields" && !(typeof value === "string" && isId(value))) : [];
  return (
    <div role="alert" className="rounded-lg border border-negative/30 bg-negative-soft px-4 py-3 text-sm">
      <div className="flex items-start gap-2">
        <CircleAlert className="mt-0.5 size-4 shrink-0 text-negative" aria-hidden />
        <div className="min-w-0 flex-1">
          <p className="font-medium">{message}</p>
          {known && known.fields.length > 0 ? (
            <ul className="mt-1 list-disc pl-4">
              {known.fields.map((field) => (
                <li key={`${field.path}${field.code}`}>
                  <span className="text-muted">{describePath(field.path)}:</span> {field.message}
                  {field.allowed !== undefined && !field.message.includes(plain(field.allowed)) ? <span className="text-muted"> Allowed: {plain(field.allowed)}.</span> : null}
                </li>
              ))}
            </ul>
          ) : null}
          {details.length > 0 ? (
            <dl className="mt-1 flex flex-wrap gap-x-4 text-muted">
              {details.map(([name, value]) => (
                <div key={name} className="flex gap-1">
                  <dt>{humanize(name)}:</dt>
                  <dd className="text-ink">{plain(value)}</dd>
                </div>
              ))}
            </dl>
          ) : null}
          {known ? (
            <p className="mt-1 font-mono text-2xs text-muted">
              {known.code}
              {known.requestId ? ` · request ${known.requestId}` : ""}
            </p>
          ) : null}
        </div>
        {onRetry ? (
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** "/lines/0/quantity" as "Line 1, quantity". */
export function describePath(path: string): string {
  const [first, index, field] = path.split("/").slice(1);
  if (index !== undefined && /^\d+$/.test(index)) {
    const line = `${humanize(first === "lines" ? "line" : (first ?? ""))} ${Number(index) + 1}`;
    return field ? `${line}, ${humanize(field).toLowerCase()}` : line;
  }
  return humanize(path.split("/").filter(Boolean).join(", ") || "the whole");
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => `${humanize(name).toLowerCase()} ${plain(member)}`)
      .join(", ");
  }
  return typeof value === "string" && /^-?\d+\.\d+$/.test(value) ? formatAmount(value) : String(value);
}

export const Skeleton = ({ className }: { readonly className?: string }) => (
  <div className={classes("skeleton h-4 w-full", className)} aria-hidden />
);

export const LoadingRows = ({ rows = 8, label = "Loading" }: { readonly rows?: number; readonly label?: string }) => (
  <div role="status" aria-label={label} className="flex flex-col gap-3 p-4">
    {Array.from({ length: rows }, (_, row) => (
      <Skeleton key={row} className={row % 3 === 0 ? "w-11/12" : row % 3 === 1 ? "w-4/5" : "w-10/12"} />
    ))}
  </div>
);
