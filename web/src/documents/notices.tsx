import { TriangleAlert } from "lucide-react";
import type { BusinessDocument } from "@/api/types";
import { humanize } from "@/lib/format";

interface MatchException {
  readonly line: string | number;
  readonly code: string;
  readonly expected: string;
  readonly actual: string;
  readonly tolerance?: string;
}

export interface Match {
  readonly status: "matched" | "blocked" | "not_required";
  readonly exceptions: readonly MatchException[];
}

/** What stands in the way: an invoice that does not match may not be paid until its cause is gone or it is released. */
export function Notices({ document }: { readonly document: BusinessDocument }) {
  const match = document.match as Match | null | undefined;
  if (!match || match.status !== "blocked") return null;
  return (
    <div role="status" className="mb-4 flex gap-2 rounded-lg border border-warning/30 bg-warning-soft px-4 py-3">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warning" aria-hidden />
      <div>
        <p className="font-medium">{document.payment_block ? "Payment is blocked" : "Released in spite of differences"}</p>
        <ul className="mt-0.5 text-muted">
          {match.exceptions.map((exception) => (
            <li key={`${exception.line}${exception.code}`}>
              {humanize(exception.code.toLowerCase())}: expected {exception.expected}, got {exception.actual}
              {exception.tolerance ? `, allowed difference ${exception.tolerance}` : ""}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
