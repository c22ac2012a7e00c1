import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "bizcore.theme";
const listeners = new Set<() => void>();

/** Runs before the first paint, so that a dark screen never flashes white. */
export const THEME_SCRIPT = `(function(){var t=localStorage.getItem("${KEY}"),q=matchMedia("(prefers-color-scheme: dark)");
function set(){t=localStorage.getItem("${KEY}");document.documentElement.dataset.theme=t==="dark"||(t!=="light"&&q.matches)?"dark":"light"}
set();q.addEventListener("change",set);addEventListener("storage",set)})()`;

const read = (): Theme => {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, read, () => "system");

export function setTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  const dark = theme === "dark" || (theme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const listener of listeners) listener();
}
