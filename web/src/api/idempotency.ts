import { useCallback, useRef } from "react";

const PREFIX = "bizcore.key.";
const spent = new Set<string>();

/** Ends a key under which something else was accepted: nothing can be sent with it any more. */
export const spend = (key: string): void => void spent.add(key);

/**
 * The Idempotency-Key of one form or action: made when it opens, kept over reloads of the tab, given up once the server
 * has accepted, so that pressing twice, a lost answer or a reload never does the same thing twice.
 */
export function useIdempotencyKey(subject: string): { key: () => string; done: () => void } {
  const name = PREFIX + subject;
  const current = useRef<string | null>(null);
  const key = useCallback(() => {
    const held = current.current ?? sessionStorage.getItem(name);
    const key = held && !spent.has(held) ? held : crypto.randomUUID();
    current.current = key;
    sessionStorage.setItem(name, key);
    return key;
  }, [name]);
  const done = useCallback(() => {
    current.current = null;
    sessionStorage.removeItem(name);
  }, [name]);
  return { key, done };
}
