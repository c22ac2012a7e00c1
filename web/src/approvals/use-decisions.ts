import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { act } from "@/api/documents";
import type { BusinessDocument, Task } from "@/api/types";
import { typeOf } from "@/documents/registry";
import { documentKey } from "@/documents/use-document";

interface Body {
  readonly reason?: string;
}

export type Decide = (task: Task, action: string, body: Body) => void;
export type Send = (task: Task, action: string, body: Body) => Promise<BusinessDocument>;

/** One command on the version that the inbox shows, under the same key however often it is sent. */
export function useSend(): Send {
  const keys = useRef(new Map<string, string>());
  const keyOf = (subject: string): string => {
    const key = keys.current.get(subject) ?? crypto.randomUUID();
    keys.current.set(subject, key);
    return key;
  };
  return async (task, action, body) => {
    const type = typeOf(task.type);
    if (!type) throw new RangeError(`There is no page for documents of the type ${task.type}.`);
    const { document, version } = task;
    return act(type.collection, document, action, body, { version, key: keyOf(`${document} ${action} ${version}`) });
  };
}

/** Decides one task after another: what is decided leaves the inbox at once, `onDecided` opens the next. */
export function useDecisions(onDecided: (task: Task) => void) {
  const queries = useQueryClient();
  const send = useSend();
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<{ readonly task: string; readonly error: unknown } | null>(null);
  const run = async (task: Task, action: string, body: Body): Promise<void> => {
    setBusy(true);
    setRefusal(null);
    try {
      await send(task, action, body);
      onDecided(task);
      queries.setQueryData<readonly Task[]>(["tasks"], (tasks) => tasks?.filter((other) => other.id !== task.id));
      setLast(`${task.number ?? "Draft"} ${action === "reject" ? "rejected" : "approved"}`);
      await queries.invalidateQueries({ refetchType: "none" });
    } catch (error) {
      setRefusal({ task: task.id, error });
      await queries.invalidateQueries({ queryKey: documentKey(task.document) });
    } finally {
      setBusy(false);
    }
    await queries.refetchQueries({ queryKey: ["tasks"] });
  };
  const decide: Decide = (task, action, body) => void run(task, action, body);
  return { busy, last, decide, errorOf: (task: Task): unknown => (refusal?.task === task.id ? refusal.error : null) };
}
