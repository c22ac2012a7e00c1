import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { act } from "@/api/documents";
import type { Task } from "@/api/types";
import { typeOf } from "@/documents/registry";
import { documentKey } from "@/documents/use-document";

export type Decide = (task: Task, action: string, body: { readonly reason?: string }) => void;

/** Decides one task after another: what is decided leaves the inbox at once, `onDecided` opens the next. */
export function useDecisions(onDecided: (task: Task) => void) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<{ readonly task: string; readonly error: unknown } | null>(null);
  const keys = useRef(new Map<string, string>());
  const keyOf = (subject: string): string => {
    const key = keys.current.get(subject) ?? crypto.randomUUID();
    keys.current.set(subject, key);
    return key;
  };
  const run = async (task: Task, action: string, body: object): Promise<void> => {
    const type = typeOf(task.type);
    if (!type) return;
    setBusy(true);
    setRefusal(null);
    try {
      const version = task.version;
      await act(type.collection, task.document, action, body, { version, key: keyOf(`${task.document} ${action} ${version}`) });
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
