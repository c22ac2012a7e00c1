import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, LoaderCircle } from "lucide-react";
import { useRef, useState } from "react";
import { refLabel } from "@/api/names";
import type { Task } from "@/api/types";
import { typeOf } from "@/documents/registry";
import { humanize } from "@/lib/format";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Money } from "@/ui/figures";
import { type Outcome, outcomeOf, told, totals } from "./outcomes";
import { useSend } from "./use-decisions";

interface BulkApprovalProps {
  readonly tasks: readonly Task[];
  readonly onClose: () => void;
}

/** Approves the chosen documents, one command for each: a refused one stays in the inbox and says why. */
export function BulkApproval({ tasks, onClose }: BulkApprovalProps) {
  // What is approved leaves the inbox meanwhile; here all that were chosen stay in view.
  const [chosen] = useState(tasks);
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [running, setRunning] = useState(false);
  const stopped = useRef(false);
  const queries = useQueryClient();
  const send = useSend();
  const run = async () => {
    stopped.current = false;
    setRunning(true);
    for (const task of chosen) {
      if (stopped.current) break;
      setOutcomes((now) => new Map(now).set(task.id, { kind: "running" }));
      const outcome = await outcomeOf(() => send(task, task.action, {}));
      setOutcomes((now) => new Map(now).set(task.id, outcome));
    }
    setRunning(false);
    // The inbox first: what has left it is not previewed again.
    await queries.refetchQueries({ queryKey: ["tasks"] });
    await queries.invalidateQueries();
  };
  const begun = outcomes.size > 0;
  const close = () => {
    stopped.current = true;
    onClose();
  };
  useShortcuts({ "mod+Enter": () => !begun && void run() });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={begun && !running ? told(outcomes, chosen.length) : `Approve ${chosen.length} ${chosen.length === 1 ? "document" : "documents"}`}
      description={totals(chosen).map(({ amount, currency }) => (
        <Money key={currency} amount={amount} currency={currency} className="mr-4" />
      ))}
      footer={
        begun ? (
          <Button variant={running ? "secondary" : "primary"} onClick={() => (running ? (stopped.current = true) : close())}>
            {running ? "Stop" : "Close"}
          </Button>
        ) : (
          <>
            <Button onClick={close}>Back</Button>
            <Button variant="primary" autoFocus onClick={() => void run()}>
              Approve {chosen.length}
            </Button>
          </>
        )
      }
    >
      <p role="status" className="sr-only">
        {begun ? told(outcomes, chosen.length) : null}
      </p>
      <ul className="divide-y divide-line">
        {chosen.map((task) => (
          <li key={task.id} className="py-2">
            <div className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 truncate">
                <span className="font-medium">{task.number ?? "Draft"}</span>{" "}
                <span className="text-xs text-muted">
                  {typeOf(task.type)?.singular ?? humanize(task.type)}, {refLabel(task.created_by)}
                </span>
              </span>
              <Money amount={task.total} currency={task.currency} />
            </div>
            <OutcomeLine outcome={outcomes.get(task.id)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function OutcomeLine({ outcome }: { readonly outcome: Outcome | undefined }) {
  if (!outcome) return null;
  const Icon = { running: LoaderCircle, approved: CircleCheck, refused: CircleAlert }[outcome.kind];
  const colour = { running: "animate-spin text-muted", approved: "text-positive", refused: "text-negative" }[outcome.kind];
  return (
    <p className="mt-0.5 flex items-start gap-1.5 text-xs">
      <Icon className={`mt-px size-3.5 shrink-0 ${colour}`} aria-hidden />
      {outcome.kind === "running" ? "Approving…" : outcome.text}
    </p>
  );
}
