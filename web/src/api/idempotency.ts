import { useCallback, useRef } from "react";

const PREFIX = "bizcore.key.";

/**
 * The Idempotency-Key of one form or action: made when it opens, kept over reloads of the tab, given up once the server
 * has accepted, so that pressing twice, a lost answer or a reload never does the same thing twice.
 */
export function useIdempotencyKey(subject: string): { key: () => string; done: () => void } {
  const name = PREFIX + subject;
  const current = useRef<string | null>(null);
  const key = useCallback(() => {
    current.current ??= sessionStorage.getItem(name) ?? crypto.randomUUID();
    sessionStorage.setItem(name, current.current);
    return current.current;
  }, [name]);
  const done = useCallback(() => {
    current.current = null;
    sessionStorage.removeItem(name);
  }, [name]);
  return { key, done };
}
