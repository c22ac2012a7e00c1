/** What is opened after a task is decided: the one that follows it, else the one before it, else none. */
export function neighbour<T extends { readonly id: string }>(tasks: readonly T[], id: string): T | null {
  const at = tasks.findIndex((task) => task.id === id);
  return tasks[at + 1] ?? tasks[at - 1] ?? null;
}

/** The task `step` rows further on, staying inside the list. */
export function moved<T extends { readonly id: string }>(tasks: readonly T[], id: string | null, step: number): T | null {
  const at = tasks.findIndex((task) => task.id === id);
  return tasks[Math.min(Math.max(at + step, 0), tasks.length - 1)] ?? null;
}
