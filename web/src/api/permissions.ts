import { useCallback } from "react";
import { useMe } from "./me";

/** Whether one of the patterns covers the permission, as the server reads them: "*" stands for one or more parts. */
export const permits = (patterns: readonly string[], permission: string): boolean => patterns.some((pattern) => matcher(pattern).test(permission));

const matcher = (pattern: string): RegExp =>
  new RegExp(`^${pattern.split(".").map((part) => (part === "*" ? "[^.]+(\\.[^.]+)*" : part)).join("\\.")}$`);

/** What I may do here; nothing until that is known. The server decides in the end: this only spares dead ends. */
export function useMay(): (permission: string) => boolean {
  const { data: me } = useMe();
  return useCallback((permission: string) => permits(me?.permissions ?? [], permission), [me]);
}
