import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { addComment, listAudit, listTimeline } from "@/api/documents";
import { isId, isRef, refLabel } from "@/api/names";
import { useIdempotencyKey } from "@/api/idempotency";
import type { AuditEntry, BusinessDocument, TimelineEntry } from "@/api/types";
import { same } from "@/lib/merge";
import { formatInstant, humanize } from "@/lib/format";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Age } from "@/ui/figures";
import { Textarea } from "@/ui/input";
import { Reference } from "@/ui/reference";
import { ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import type { Values } from "./types/shape";

/** What happened, newest first, with what people say about it; deliveries to other systems on demand. */
export function Timeline({ id }: { readonly id: string }) {
  const { data = [], error, isPending } = useQuery({ queryKey: ["document", id, "timeline"], queryFn: () => listTimeline(id) });
  const [deliveries, setDeliveries] = useState(false);
  const delivered = data.filter((entry) => entry.kind === "delivery").length;
  return (
    <div className="flex flex-col gap-4">
      <CommentForm id={id} />
      {isPending ? <LoadingRows rows={4} /> : null}
      {error ? <ErrorState error={error} /> : null}
      <ol className="flex flex-col gap-3">
        {data
          .filter((entry) => deliveries || entry.kind !== "delivery")
          .sort((a, b) => (a.at < b.at ? 1 : -1))
          .map((entry) => (
            <TimelineItem key={entry.id} entry={entry} />
          ))}
      </ol>
      {delivered > 0 ? (
        <Button size="small" variant="ghost" className="self-start" aria-pressed={deliveries} onClick={() => setDeliveries((shown) => !shown)}>
          {deliveries ? "Hide" : "Show"} {delivered} webhook {delivered === 1 ? "delivery" : "deliveries"}
        </Button>
      ) : null}
    </div>
  );
}

const PAST: Readonly<Record<string, string>> = {
  create: "created",
  submit: "submitted",
  approve: "approved",
  reject: "rejected",
  cancel: "cancelled",
  post: "posted",
  close: "closed",
  reopen: "reopened",
  reverse: "reversed",
  amend: "amended",
  "release-block": "released",
};

/** What an action has done, told after it: "approved". */
export const deedOf = (action: string): string => PAST[action] ?? humanize(action).toLowerCase();

function happened({ kind, content }: TimelineEntry): string {
  if (kind === "comment") return "commented";
  if (kind === "attachment") return `attached ${String(content.name)}`;
  if (kind === "delivery") return `${String(content.event)} ${String(content.state)} to ${String(content.url)}`;
  const action = String(content.action);
  return PAST[action] ? `${deedOf(action)} it` : deedOf(action);
}

function TimelineItem({ entry }: { readonly entry: TimelineEntry }) {
  const text = entry.content.body ?? entry.content.reason;
  return (
    <li className="flex gap-3">
      <span aria-hidden className={`mt-1.5 size-2 shrink-0 rounded-full ${entry.kind === "comment" ? "bg-accent" : "bg-edge"}`} />
      <div className="min-w-0">
        <p>
          <span className="font-medium">
            <Reference value={entry.actor ?? "System"} />
          </span>{" "}
          <span className="text-muted">
            {happened(entry)} · <Age instant={entry.at} />
          </span>
        </p>
        {typeof text === "string" ? <p className="mt-0.5 whitespace-pre-wrap">{text}</p> : null}
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
export function Audit({ document }: { readonly document: BusinessDocument }) {
  const { id, lines } = document;
  const names = namesIn(document);
  const lineIds = ((lines as readonly Values[] | undefined) ?? []).map((line) => line.id);
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
              <span className="font-medium">{humanize(entry.command.split(".").at(-1) ?? entry.command)}</span>{" "}
              <span className="text-muted">
                by <Reference value={entry.actor ?? "System"} />, {formatInstant(entry.at)}
              </span>
            </p>
            <Changes entry={entry} lineIds={lineIds} names={names} />
          </li>
        ))}
    </ol>
  );
}

/** "/lines/<id>/unit_price" as "Line 2, unit price"; a line that is gone has no number any more. */
function memberOf(path: string, lineIds: readonly unknown[]): string {
  const [first = "", id, field] = path.split("/").slice(1);
  if (field === undefined) return humanize(first.replace(/_id$/, ""));
  const at = lineIds.indexOf(id);
  return `${at < 0 ? "Removed line" : `Line ${at + 1}`}, ${humanize(field.replace(/_id$/, "")).toLowerCase()}`;
}

interface ChangesProps {
  readonly entry: AuditEntry;
  readonly lineIds: readonly unknown[];
  readonly names: ReadonlyMap<string, string>;
}

function Changes({ entry: { before, after }, lineIds, names }: ChangesProps) {
  const place = (name: string) => lineIds.indexOf(name.split("/")[2]);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !TECHNICAL.includes(name) && !same(before[name], after[name]) && !(isNothing(before[name]) && isNothing(after[name])))
    .sort((a, b) => place(a) - place(b));
  if (changed.length === 0) return null;
  const shown = (value: unknown) => textOf(value, names);
  return (
    <dl className="mt-1 grid grid-cols-[minmax(6rem,max-content)_1fr] gap-x-4 gap-y-0.5 pl-5 text-xs">
      {changed.map((name) => (
        <div key={name} className="contents">
          <dt className="text-muted">{memberOf(name, lineIds)}</dt>
          <dd className="min-w-0 break-words">
            {before[name] !== undefined ? <del className="mr-1.5 text-negative">{shown(before[name])}</del> : null}
            <ins className="text-positive no-underline">{shown(after[name])}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Members that say nothing to people. */
const TECHNICAL: readonly string[] = ["/workflow_id"];

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);

/** What the ids in a document are called there, for an audit entry holds ids alone. */
function namesIn(value: unknown, names = new Map<string, string>()): ReadonlyMap<string, string> {
  if (isRef(value)) {
    const label = refLabel(value);
    if (label) names.set(value.id, label);
  }
  if (typeof value === "object" && value !== null) for (const member of Object.values(value)) namesIn(member, names);
  return names;
}

function textOf(value: unknown, names: ReadonlyMap<string, string>): string {
  if (isNothing(value)) return "empty";
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  return names.get(text) ?? (isId(text) ? text.slice(0, 8) : text);
}
