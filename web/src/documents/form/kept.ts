import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { session } from "@/api/session";
import { same } from "@/lib/merge";
import { isBlank, type LineStore } from "../grid/store";
import type { Draft, Values } from "../types/shape";

/** The content that an edit began from, and its version: what another saves meanwhile is merged with it. */
export interface Base extends Draft {
  readonly version: number;
}

/** A form that was left unsaved. */
export interface Kept extends Draft {
  readonly base: Base | null;
  /** When its last key was pressed. */
  readonly at: string;
}

const PREFIX = "bizcore.form.";
const KEEP_AFTER_MS = 400;

/** Only in this browser, by organization and user: gone once it is saved, discarded or its user signs out. */
export const keptForms = {
  /** The place of one form: of an edit by the id of its document, of a new document by what it begins from. */
  place: (type: string, id: string): string => {
    const { organization, user } = session.get();
    return `${PREFIX}${organization?.id}.${user?.id}.${type}.${id}`;
  },
  read: (place: string): Kept | null => JSON.parse(localStorage.getItem(place) ?? "null") as Kept | null,
  write(place: string, kept: Kept): void {
    try {
      localStorage.setItem(place, JSON.stringify(kept));
    } catch (error) {
      // A full store keeps what it has: the form itself is still there.
      if (!(error instanceof DOMException)) throw error;
    }
  },
  drop: (place: string): void => localStorage.removeItem(place),
  dropAll(): void {
    for (const place of Object.keys(localStorage)) if (place.startsWith(PREFIX)) localStorage.removeItem(place);
  },
};

const filled = (lines: readonly Values[]): readonly Values[] => lines.filter((line) => !isBlank(line));

interface Keeping {
  readonly place: string;
  readonly header: Values;
  readonly store: LineStore;
  readonly base: Base | null;
  /** What the form begins with when nothing was kept: for as long as it stands so, there is nothing to keep. */
  readonly initial: Draft;
}

/** Keeps what stands in a form a moment after the last key and when its page is left. */
export function useKeeping(form: Keeping) {
  const { place, header, store } = form;
  const lines = useSyncExternalStore(store.subscribe, store.get, store.get);
  const [restored] = useState(() => keptForms.read(place));
  const latest = useRef(form);
  latest.current = form;
  const over = useRef(false);
  const keep = useCallback(() => {
    if (over.current) return;
    const { header: values, initial, base } = latest.current;
    const content = { header: values, lines: filled(store.get().map((line) => line.values)) };
    if (same(content, { header: initial.header, lines: filled(initial.lines) })) keptForms.drop(place);
    else keptForms.write(place, { ...content, base, at: new Date().toISOString() });
  }, [place, store]);
  useEffect(() => {
    const timer = setTimeout(keep, KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [header, lines, keep]);
  useEffect(() => {
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [keep]);
  return {
    /** When it was left, if this form goes on with what was kept. */
    leftAt: restored?.at ?? null,
    /** Ends the keeping; answers what was kept until now. */
    forget: (): Kept | null => {
      keep();
      const kept = keptForms.read(place);
      over.current = true;
      keptForms.drop(place);
      return kept;
    },
  };
}
