export type Fields = Readonly<Record<string, unknown>>;

export interface Conflict {
  readonly field: string;
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

export interface Merge {
  readonly merged: Record<string, unknown>;
  /** Fields that both changed, to different values; `merged` holds mine until somebody chooses. */
  readonly conflicts: readonly Conflict[];
}

/** Equal as JSON, whatever the order of the keys; a missing member equals null. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * What I typed on top of what another saved meanwhile, field by field. Only a field that both changed, and to
 * different values, needs a choice.
 */
export function mergeFields(base: Fields, mine: Fields, theirs: Fields): Merge {
  const merged: Record<string, unknown> = {};
  const conflicts: Conflict[] = [];
  for (const field of new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)])) {
    const changedHere = !same(mine[field], base[field]);
    const changedThere = !same(theirs[field], base[field]);
    merged[field] = changedHere ? mine[field] : theirs[field];
    if (changedHere && changedThere && !same(mine[field], theirs[field])) {
      conflicts.push({ field, base: base[field], mine: mine[field], theirs: theirs[field] });
    }
  }
  return { merged, conflicts };
}

export interface Line extends Fields {
  readonly id?: string;
}

export interface LineMerge {
  readonly merged: Record<string, unknown>[];
  readonly conflicts: readonly (Conflict & { readonly line: string })[];
}

/**
 * Lines joined by id: mine in my order with their fields merged, lines that they added at the end, lines that either
 * removed gone. A line that one side removed and the other changed stays: losing an edit is worse than a line too many.
 */
export function mergeLines(base: readonly Line[], mine: readonly Line[], theirs: readonly Line[]): LineMerge {
  const baseById = byId(base);
  const mineById = byId(mine);
  const theirsById = byId(theirs);
  const merged: Record<string, unknown>[] = [];
  const conflicts: (Conflict & { line: string })[] = [];
  for (const line of mine) {
    const before = line.id ? baseById.get(line.id) : undefined;
    const other = line.id ? theirsById.get(line.id) : undefined;
    if (!line.id || !before) merged.push({ ...line });
    else if (!other) {
      if (!same(line, before)) merged.push({ ...line });
    } else {
      const { id } = line;
      const result = mergeFields(before, line, other);
      merged.push(result.merged);
      conflicts.push(...result.conflicts.map((conflict) => ({ ...conflict, line: id })));
    }
  }
  for (const line of theirs) {
    if (!line.id || mineById.has(line.id)) continue;
    const before = baseById.get(line.id);
    if (!before || !same(line, before)) merged.push({ ...line });
  }
  return { merged, conflicts };
}

const byId = (lines: readonly Line[]): Map<string, Line> =>
  new Map(lines.flatMap((line) => (line.id ? [[line.id, line] as const] : [])));
