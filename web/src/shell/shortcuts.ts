import { useEffect, useRef, useSyncExternalStore } from "react";

export type Bindings = Readonly<Record<string, () => void>>;

const SEQUENCE_MS = 1200;
const OFF = "bizcore.shortcuts";
const scopes: { current: Bindings }[] = [];
const listeners = new Set<() => void>();
let pending = "";
let pendingSince = 0;

/** Single keys can be switched off (WCAG 2.1.4); combinations with Ctrl or ⌘ always work. */
export const shortcutSetting = {
  on: (): boolean => localStorage.getItem(OFF) !== "off",
  set(on: boolean): void {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "off");
    for (const listener of listeners) listener();
  },
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useShortcutsOn = (): boolean => useSyncExternalStore(subscribe, shortcutSetting.on, () => true);

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("[role=grid]") !== null);

/** "mod+k", "g h", "?" as pressed. */
function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.metaKey || event.ctrlKey ? `mod+${key}` : key;
}

function find(name: string): (() => void) | undefined {
  for (let at = scopes.length - 1; at >= 0; at -= 1) {
    const run = scopes[at]?.current[name];
    if (run) return run;
  }
  return undefined;
}

const isPrefix = (key: string): boolean =>
  scopes.some((scope) => Object.keys(scope.current).some((name) => name.startsWith(`${key} `)));

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const key = pressed(event);
  const combination = key.startsWith("mod+");
  if (!combination && (isTyping(event.target) || !shortcutSetting.on())) return;
  if (!combination && document.querySelector("[role=dialog],[role=menu]") && key !== "Escape") return;
  const sequence = pending && Date.now() - pendingSince < SEQUENCE_MS ? `${pending} ${key}` : key;
  pending = "";
  const run = find(sequence) ?? find(key);
  if (run) {
    event.preventDefault();
    run();
  } else if (isPrefix(key)) {
    pending = key;
    pendingSince = Date.now();
  }
}

/** Keys of the component while it is shown; the one shown last wins. */
export function useShortcuts(bindings: Bindings): void {
  const scope = useRef(bindings);
  scope.current = bindings;
  useEffect(() => {
    if (scopes.length === 0) window.addEventListener("keydown", onKeyDown);
    scopes.push(scope);
    return () => {
      scopes.splice(scopes.indexOf(scope), 1);
      if (scopes.length === 0) window.removeEventListener("keydown", onKeyDown);
    };
  }, []);
}

export interface Help {
  readonly group: string;
  readonly keys: readonly (readonly [keys: string, text: string])[];
}

export const SHORTCUT_HELP: readonly Help[] = [
  {
    group: "Everywhere",
    keys: [
      ["⌘ K", "Search, go to, create"],
      ["?", "This list"],
      ["g h", "Home"],
      ["g a", "Approvals"],
      ["g r", "Requisitions"],
      ["g o", "Purchase orders"],
      ["g i", "Supplier invoices"],
      ["g p", "Payments"],
    ],
  },
  {
    group: "Lists",
    keys: [
      ["/", "Type to filter"],
      ["j k", "Next and previous row"],
      ["Enter", "Open"],
      ["c", "Create"],
    ],
  },
  {
    group: "Documents",
    keys: [
      ["e", "Edit or amend"],
      ["s", "Submit or post"],
      ["a", "Approve"],
      ["n", "What follows: order, receive, invoice, pay"],
      ["m", "Comment"],
    ],
  },
  {
    group: "Approvals",
    keys: [
      ["a", "Approve the chosen one"],
      ["r", "Reject it, with a reason"],
      ["x", "Select it, to approve several at once"],
      ["j k", "Next and previous"],
      ["o", "Open its page"],
    ],
  },
  {
    group: "Lines",
    keys: [
      ["← ↑ → ↓", "Move"],
      ["Enter F2", "Edit the cell, then down"],
      ["Tab", "To the next cell"],
      ["⌘ V", "Paste cells from a spreadsheet"],
      ["⌘ D", "Duplicate the line"],
      ["⌘ ⌫", "Remove the line"],
      ["⌥ ↑ ↓", "Move the line"],
      ["⌘ Z", "Undo"],
      ["⌘ S", "Save"],
      ["⌘ Enter", "Save and submit"],
    ],
  },
];
