import type { Values } from "../types/shape";

export interface GridLine {
  /** Stays with the line wherever it moves; ids of the server exist only after saving. */
  readonly key: number;
  readonly values: Values;
}

type Lines = readonly GridLine[];

const HISTORY = 200;

/**
 * The lines of a form, outside any form library: an immutable list with undo, whose unchanged lines keep their identity,
 * so that a key pressed among a thousand lines repaints one.
 */
export class LineStore {
  private lines: Lines;
  private nextKey = 1;
  private past: Lines[] = [];
  private future: Lines[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(initial: readonly Values[]) {
    this.lines = initial.map((values) => this.line(values));
  }

  readonly get = (): Lines => this.lines;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Sets members of one line, found by its key wherever it is now. */
  set(key: number, changes: Values): void {
    this.change(this.lines.map((line) => (line.key === key ? { key, values: { ...line.values, ...changes } } : line)));
  }

  insert(at: number, values: Values = {}): void {
    this.change([...this.lines.slice(0, at), this.line(values), ...this.lines.slice(at)]);
  }

  /** A copy below without the identity of the original. */
  duplicate(at: number): void {
    const original = this.lines[at];
    if (original) this.insert(at + 1, { ...original.values, id: undefined });
  }

  remove(at: number): void {
    this.change(this.lines.filter((_, index) => index !== at));
  }

  /** Swaps with the neighbour above (-1) or below (1); nothing happens at the ends. */
  move(at: number, step: -1 | 1): boolean {
    const line = this.lines[at];
    const neighbour = this.lines[at + step];
    if (!line || !neighbour) return false;
    this.change(this.lines.map((other, index) => (index === at ? neighbour : index === at + step ? line : other)));
    return true;
  }

  /**
   * Writes a block from (at, first column) on, past columns that are only shown (null); rows that go beyond the end become
   * new lines. One step to undo.
   */
  paste(at: number, columns: readonly (string | null)[], block: readonly (readonly string[])[]): void {
    const written = block.map((cells): Values => Object.fromEntries(cells.flatMap((cell, index) => (columns[index] ? [[columns[index], cell]] : []))));
    const next = [...this.lines];
    written.forEach((changes, index) => {
      const line = next[at + index];
      next[at + index] = line ? { key: line.key, values: { ...line.values, ...changes } } : this.line(changes);
    });
    this.change(next);
  }

  /** Another list altogether: loaded, merged or copied from a predecessor. */
  replace(lines: readonly Values[]): void {
    this.change(lines.map((values) => this.line(values)));
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.future.push(this.lines);
    this.publish(before);
  }

  redo(): void {
    const after = this.future.pop();
    if (!after) return;
    this.past.push(this.lines);
    this.publish(after);
  }

  private line(values: Values): GridLine {
    return { key: this.nextKey++, values };
  }

  private change(next: Lines): void {
    this.past = [...this.past.slice(1 - HISTORY), this.lines];
    this.future = [];
    this.publish(next);
  }

  private publish(next: Lines): void {
    this.lines = next;
    for (const listener of this.listeners) listener();
  }
}

const isFilled = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

/** Whether nothing was entered: such a line is not sent. */
export const isBlank = (values: Values): boolean => !Object.values(values).some(isFilled);
