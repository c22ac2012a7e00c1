import { CircleCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Task } from "@/api/types";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Input } from "@/ui/input";
import { Kbd } from "@/ui/kbd";
import { ErrorState } from "@/ui/states";
import type { Decide } from "./use-decisions";

interface DecisionProps {
  readonly task: Task;
  readonly busy: boolean;
  /** What was decided just before, in words. */
  readonly last: string | null;
  readonly error: unknown;
  readonly onDecide: Decide;
}

/** Approve with one key; reject with one key and a reason. */
export function Decision({ task, busy, last, error, onDecide }: DecisionProps) {
  const [reason, setReason] = useState<string | null>(null);
  const approve = () => !busy && reason === null && onDecide(task, task.action, {});
  useShortcuts({ a: approve, r: () => !busy && setReason("") });
  const reject = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && reason?.trim()) onDecide(task, "reject", { reason: reason.trim() });
  };
  return (
    <div className="sticky bottom-0 border-t border-line bg-surface px-4 py-3">
      {error ? (
        <div className="mb-3">
          <ErrorState error={error} />
        </div>
      ) : null}
      {reason === null ? (
        <div className="flex flex-wrap items-center gap-2">
          <Button variant="primary" size="large" busy={busy} onClick={approve} aria-keyshortcuts="a">
            Approve <Key>a</Key>
          </Button>
          <Button size="large" disabled={busy} onClick={() => setReason("")} aria-keyshortcuts="r">
            Reject <Key>r</Key>
          </Button>
          {task.approvals_given > 0 ? (
            <span className="text-xs text-muted">
              {task.approvals_given} {task.approvals_given === 1 ? "approval" : "approvals"} so far
            </span>
          ) : null}
          <p role="status" className="ml-auto flex items-center gap-1.5 text-xs text-muted">
            {last ? (
              <>
                <CircleCheck className="size-4 text-positive" aria-hidden />
                {last}
              </>
            ) : null}
          </p>
        </div>
      ) : (
        <form onSubmit={reject} className="flex flex-wrap items-center gap-2">
          <Input
            autoFocus
            aria-label={`Why ${task.number ?? "this"} is rejected`}
            placeholder="Why is it rejected? Its author reads this."
            className="h-10 min-w-48 flex-1"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setReason(null);
            }}
          />
          <Button type="submit" variant="danger" size="large" busy={busy} disabled={!reason.trim()}>
            Reject <Key>↵</Key>
          </Button>
          <Button size="large" onClick={() => setReason(null)}>
            Back <Key>esc</Key>
          </Button>
        </form>
      )}
    </div>
  );
}

const Key = ({ children }: { readonly children: string }) => (
  <span className="ml-1 hidden sm:inline" aria-hidden>
    <Kbd>{children}</Kbd>
  </span>
);
