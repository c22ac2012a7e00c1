import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { addComment, listAudit, listTimeline } from "@/api/documents";
import { useIdempotencyKey } from "@/api/idempotency";
import type { AuditEntry, TimelineEntry } from "@/api/types";
import { same } from "@/lib/merge";
import { formatInstant, humanize } from "@/lib/format";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Age } from "@/ui/figures";
import { Textarea } from "@/ui/input";
import { Reference } from "@/ui/reference";
import { ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";

/** What happened, newest first, with what people say about it. */
export function Timeline({ id }: { readonly id: string }) {
  const { data, error, isPending } = useQuery({ queryKey: ["document", id, "timeline"], queryFn: () => listTimeline(id) });
  return (
    <div className="flex flex-col gap-4">
      <CommentForm id={id} />
      {isPending ? <LoadingRows rows={4} /> : null}
      {error ? <ErrorState error={error} /> : null}
      <ol className="flex flex-col gap-3">
        {[...(data ?? [])]
          .sort((a, b) => (a.at < b.at ? 1 : -1))
          .map((entry) => (
            <TimelineItem key={entry.id} entry={entry} />
          ))}
      </ol>
    </div>
  );
}

function TimelineItem({ entry }: { readonly entry: TimelineEntry }) {
  return (
    <li className="flex gap-3">
      <span aria-hidden className={`mt-1.5 size-2 shrink-0 rounded-full ${entry.kind === "comment" ? "bg-accent" : "bg-edge"}`} />
      <div className="min-w-0">
        <p>
          <span className="font-medium">
            <Reference value={entry.actor ?? "System"} />
          </span>{" "}
          <span className="text-muted">
            {entry.kind === "comment" ? "commented" : humanize(entry.action ?? entry.kind).toLowerCase()} · <Age instant={entry.at} />
          </span>
        </p>
        {entry.text ? <p className="mt-0.5 whitespace-pre-wrap">{entry.text}</p> : null}
      </div>
    </li>
  );
}

function CommentForm({ id }: { readonly id: string }) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const { key, done } = useIdempotencyKey(`${id}.comment`);
  const queries = useQueryClient();
  useShortcuts({ m: () => input.current?.focus() });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    setBusy(true);
    try {
      await addComment(id, text.trim(), key());
      done();
      setText("");
      await queries.invalidateQueries({ queryKey: ["document", id] });
    } catch (error) {
      toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex items-end gap-2">
      <Textarea
        ref={input}
        aria-label="Comment"
        placeholder="Write a comment"
        className="min-h-8"
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" busy={busy} disabled={!text.trim()}>
        Comment
      </Button>
    </form>
  );
}

/** Who changed what, field by field, old to new. */
export function Audit({ id }: { readonly id: string }) {
  const { data, error, isPending } = useQuery({ queryKey: ["document", id, "audit"], queryFn: () => listAudit(id) });
  if (isPending) return <LoadingRows rows={4} />;
  if (error) return <ErrorState error={error} />;
  return (
    <ol className="flex flex-col gap-4">
      {[...data]
        .sort((a, b) => b.entry_no - a.entry_no)
        .map((entry) => (
          <li key={entry.id}>
            <p>
              <span className="mr-2 text-faint">{entry.entry_no}</span>
              <span className="font-medium">{humanize(entry.command)}</span>{" "}
              <span className="text-muted">
                by <Reference value={entry.actor ?? "System"} />, {formatInstant(entry.at)}
              </span>
            </p>
            <Changes entry={entry} />
          </li>
        ))}
    </ol>
  );
}

function Changes({ entry: { before, after } }: { readonly entry: AuditEntry }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => !same(before?.[name], after?.[name]),
  );
  if (names.length === 0) return null;
  return (
    <dl className="mt-1 grid grid-cols-[minmax(6rem,max-content)_1fr] gap-x-4 gap-y-0.5 pl-5 text-xs">
      {names.map((name) => (
        <div key={name} className="contents">
          <dt className="text-muted">{humanize(name)}</dt>
          <dd className="min-w-0 break-words">
            {before && before[name] !== undefined ? <del className="mr-1.5 text-negative">{shown(before[name])}</del> : null}
            <ins className="text-positive no-underline">{shown(after?.[name])}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const shown = (value: unknown): string =>
  value === null || value === undefined ? "empty" : typeof value === "object" ? JSON.stringify(value) : String(value);
