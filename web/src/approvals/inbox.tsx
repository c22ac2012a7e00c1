"use client";

import { useQueryClient } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { getDocument } from "@/api/documents";
import { refLabel } from "@/api/names";
import { useTasks } from "@/api/tasks";
import type { Task } from "@/api/types";
import { documentHref, typeOf } from "@/documents/registry";
import { documentKey } from "@/documents/use-document";
import { classes } from "@/lib/classes";
import { humanize } from "@/lib/format";
import { useNarrow } from "@/lib/media";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Age, Money } from "@/ui/figures";
import { Kbd } from "@/ui/kbd";
import { PageHeader } from "@/ui/page-header";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { BulkApproval } from "./bulk-approval";
import { Decision } from "./decision";
import { moved, neighbour } from "./next-task";
import { Preview } from "./preview";
import { useDecisions } from "./use-decisions";

/** Everything that waits for me, decided in place: after each decision the next one opens. */
export function ApprovalsPage() {
  const { data: tasks, error, refetch } = useTasks();
  // Here and not in the list: what came of them is still told when nothing is left to decide.
  const [together, setTogether] = useState<readonly Task[] | null>(null);
  return (
    <>
      <PageHeader title="Approvals" note={tasks && tasks.length > 0 ? <Keys count={tasks.length} /> : null} />
      {error ? (
        <div className="mb-4">
          <ErrorState error={error} onRetry={() => void refetch()} />
        </div>
      ) : null}
      {!tasks ? (
        error ? null : <LoadingRows label="Loading what waits for you" />
      ) : tasks.length === 0 ? (
        <div className="panel">
          <EmptyState title="Nothing waits for you">Documents that need your approval come here as soon as they are submitted.</EmptyState>
        </div>
      ) : (
        <Inbox tasks={tasks} onTogether={setTogether} />
      )}
      {together ? <BulkApproval tasks={together} onClose={() => setTogether(null)} /> : null}
    </>
  );
}

const Keys = ({ count }: { readonly count: number }) => (
  <span>
    {count} waiting
    <span className="hidden sm:inline">
      {" "}
      · <Kbd>j</Kbd> <Kbd>k</Kbd> choose · <Kbd>a</Kbd> approve · <Kbd>r</Kbd> reject · <Kbd>x</Kbd> select · <Kbd>o</Kbd> open
    </span>
  </span>
);

interface InboxProps {
  readonly tasks: readonly Task[];
  readonly onTogether: (picked: readonly Task[]) => void;
}

function Inbox({ tasks, onTogether }: InboxProps) {
  const router = useRouter();
  const queries = useQueryClient();
  const narrow = useNarrow();
  const [params] = useUrlState();
  const [chosen, setChosen] = useState<string | null>(params.get("task"));
  const task = tasks.find(({ id }) => id === chosen) ?? (narrow ? null : (tasks[0] ?? null));
  const following = task ? neighbour(tasks, task.id) : null;
  const { picked, pick, pickAll, clear } = usePicked(tasks);
  const { busy, last, decide, errorOf } = useDecisions((decided) => setChosen(neighbour(tasks, decided.id)?.id ?? null));
  const move = (step: number) => setChosen(moved(tasks, task?.id ?? null, step)?.id ?? null);
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: () => task && pick(task, !picked.includes(task)),
    Escape: clear,
    ...(picked.length > 0 ? { a: () => onTogether(picked) } : {}),
    o: () => task && router.push(documentHref(task.type, task.document)),
  });
  useEffect(() => {
    if (following) void queries.prefetchQuery({ queryKey: documentKey(following.document), queryFn: () => getDocument(following.document) });
  }, [following, queries]);
  const list = (
    <>
      <label className="flex h-10 items-center gap-3 border-b border-line px-4 text-xs text-muted">
        <input type="checkbox" className="size-4" checked={picked.length === tasks.length} onChange={(event) => pickAll(event.target.checked)} />
        {picked.length > 0 ? `${picked.length} of ${tasks.length} selected` : "Select all"}
      </label>
      <ul aria-label="Waiting for you" className="divide-y divide-line sm:max-h-[calc(100dvh-11.5rem)] sm:overflow-y-auto">
        {tasks.map((one) => (
          <li key={one.id} className={classes("flex hover:bg-hover", one.id === task?.id && "bg-accent-soft hover:bg-accent-soft")}>
            <label className="flex items-center pr-1 pl-4">
              <input
                type="checkbox"
                className="size-4"
                aria-label={`Select ${one.number ?? "draft"}`}
                checked={picked.includes(one)}
                onChange={(event) => pick(one, event.target.checked)}
              />
            </label>
            <TaskRow task={one} current={one.id === task?.id} onChoose={() => setChosen(one.id)} />
          </li>
        ))}
      </ul>
    </>
  );
  const together =
    picked.length > 0 ? (
      <div className="sticky bottom-0 flex flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-3">
        <Button variant="primary" size="large" onClick={() => onTogether(picked)} aria-keyshortcuts="a">
          Approve {picked.length} selected
        </Button>
        <Button size="large" onClick={clear}>
          Clear the selection
        </Button>
      </div>
    ) : null;
  const preview = task ? (
    <>
      <Preview key={task.id} task={task} />
      {together ?? <Decision key={`decide ${task.id}`} task={task} busy={busy} last={last} error={errorOf(task)} onDecide={decide} />}
    </>
  ) : null;
  if (narrow) {
    return (
      <div className="panel">
        {preview ? (
          <>
            <Button variant="ghost" className="m-1" icon={<ArrowLeft aria-hidden />} onClick={() => setChosen(null)}>
              All {tasks.length}
            </Button>
            {preview}
          </>
        ) : (
          <>
            {list}
            {together}
          </>
        )}
      </div>
    );
  }
  return (
    <div className="panel grid grid-cols-[minmax(15rem,22rem)_minmax(0,1fr)]">
      <div className="border-r border-line">{list}</div>
      <section aria-label="Preview" className="flex min-w-0 flex-col justify-between">
        {preview}
      </section>
    </div>
  );
}

/** The tasks that are selected to be approved together; what has left the inbox is selected no more. */
function usePicked(tasks: readonly Task[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  return {
    picked: tasks.filter(({ id }) => ids.has(id)),
    pick: ({ id }: Task, on: boolean) => setIds((now) => new Set(on ? [...now, id] : [...now].filter((other) => other !== id))),
    pickAll: (on: boolean) => setIds(new Set(on ? tasks.map(({ id }) => id) : [])),
    clear: () => setIds(new Set()),
  };
}

interface TaskRowProps {
  readonly task: Task;
  readonly current: boolean;
  readonly onChoose: () => void;
}

function TaskRow({ task, current, onChoose }: TaskRowProps) {
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <button
      ref={row}
      type="button"
      aria-current={current ? "true" : undefined}
      onClick={onChoose}
      className="block min-w-0 flex-1 py-2.5 pr-4 pl-3 text-left"
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium">{task.number ?? "Draft"}</span>
        <Money amount={task.total} currency={task.currency} />
      </span>
      <span className="mt-0.5 flex justify-between gap-3 text-xs text-muted">
        <span className="truncate">
          {typeOf(task.type)?.singular ?? humanize(task.type)}, {refLabel(task.created_by)}
        </span>
        <Age instant={task.created_at} />
      </span>
    </button>
  );
}
