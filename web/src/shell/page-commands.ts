import { useEffect, useSyncExternalStore } from "react";

export interface PageCommand {
  readonly label: string;
  readonly run: () => void;
}

const NONE: readonly PageCommand[] = [];
let commands = NONE;
const listeners = new Set<() => void>();

function publish(next: readonly PageCommand[]): void {
  commands = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** What the page in view offers to the command palette; `offered` should be kept equal between renders. */
export function useOfferCommands(offered: readonly PageCommand[]): void {
  useEffect(() => {
    publish(offered);
    return () => publish(NONE);
  }, [offered]);
}

export const usePageCommands = (): readonly PageCommand[] => useSyncExternalStore(subscribe, () => commands, () => NONE);
