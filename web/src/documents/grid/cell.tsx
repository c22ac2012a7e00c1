import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import { refLabel } from "@/api/names";
import type { Ref } from "@/api/types";
import { evaluate } from "@/lib/arithmetic";
import { classes } from "@/lib/classes";
import { Combobox } from "@/ui/combobox";
import { isStillInHand, Select } from "@/ui/input";
import type { LineColumn, Values } from "../types/shape";
import { FieldValue, isFigure } from "../value";

export interface CellHandlers {
  readonly activate: (row: number, column: number) => void;
  readonly edit: (row: number, column: number, initial: string | null) => void;
  readonly commit: (key: number, changes: Values) => void;
  /** Takes a reference, and what the record found for it fills in beside. */
  readonly choose: (key: number, spec: LineColumn, value: Ref, row: Values | undefined) => void;
  readonly duplicate: (row: number) => void;
  readonly remove: (row: number) => void;
  /** Ends the editing; the key that ended it decides where to go on. */
  readonly leave: (event: KeyboardEvent<HTMLElement> | null) => void;
}

interface CellProps {
  readonly lineKey: number;
  readonly row: number;
  readonly column: number;
  readonly spec: LineColumn;
  readonly values: Values;
  readonly active: boolean;
  /** Undefined while it is only shown; what was typed to begin, or null to begin with the value. */
  readonly editing: string | null | undefined;
  readonly error: string | undefined;
  readonly handlers: CellHandlers;
}

export const Cell = memo(function Cell({ lineKey, row, column, spec, values, active, editing, error, handlers }: CellProps) {
  const element = useRef<HTMLDivElement>(null);
  const isEditing = editing !== undefined;
  useEffect(() => {
    if (active && !isEditing && element.current?.closest("[role=grid]")?.contains(document.activeElement)) element.current.focus();
  }, [active, isEditing]);
  return (
    <div
      ref={element}
      role="gridcell"
      aria-colindex={column + 2}
      aria-readonly={spec.readOnly || undefined}
      aria-invalid={error ? true : undefined}
      title={error}
      tabIndex={active ? 0 : -1}
      data-cell={`${row}:${column}`}
      onFocus={() => handlers.activate(row, column)}
      onDoubleClick={() => !spec.readOnly && handlers.edit(row, column, null)}
      onClick={() => active && !isEditing && !spec.readOnly && handlers.edit(row, column, null)}
      className={classes(
        "relative flex h-full min-w-0 items-center overflow-hidden border-r border-line px-2 -outline-offset-2",
        isFigure(spec) && "justify-end",
        spec.readOnly && "text-muted",
        active && "outline-1 outline-edge group-focus-within/grid:outline-2 group-focus-within/grid:outline-accent",
        isEditing && "bg-surface p-0",
        error && "bg-negative-soft",
      )}
    >
      {isEditing ? (
        <Editor spec={spec} values={values} initial={editing} lineKey={lineKey} handlers={handlers} />
      ) : (
        <span className="truncate" title={isFigure(spec) ? String(values[spec.name] ?? "") : undefined}>{isEmpty(values[spec.name]) ? null : <FieldValue spec={spec} values={values} />}</span>
      )}
    </div>
  );
});

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === "";

interface EditorProps {
  readonly spec: LineColumn;
  readonly values: Values;
  readonly initial: string | null;
  readonly lineKey: number;
  readonly handlers: CellHandlers;
}

function Editor({ spec, values, initial, lineKey, handlers }: EditorProps) {
  if (spec.kind === "reference" && spec.reference) {
    return (
      <Combobox
        kind={spec.reference}
        label={spec.label}
        value={values[spec.name]}
        cell={{ initial, onKey: handlers.leave, onLeave: () => handlers.leave(null) }}
        onValue={(value, found) => handlers.choose(lineKey, spec, value, found?.row)}
      />
    );
  }
  if (spec.kind === "choice") {
    return (
      <Select
        aria-label={spec.label}
        autoFocus
        className="h-full border-0"
        choices={spec.choices ?? []}
        value={String(values[spec.name] ?? "")}
        onChange={(event) => handlers.commit(lineKey, { [spec.name]: event.target.value })}
        onKeyDown={handlers.leave}
      />
    );
  }
  return <TextEditor spec={spec} values={values} initial={initial} lineKey={lineKey} handlers={handlers} />;
}

function TextEditor({ spec, values, initial, lineKey, handlers }: EditorProps) {
  const before = refLabel(values[spec.name]) || String(values[spec.name] ?? "");
  const [text, setText] = useState(initial ?? before);
  const finished = useRef(false);
  const finish = (keep: boolean) => {
    if (finished.current) return;
    finished.current = true;
    const entered = isFigure(spec) ? (evaluate(text) ?? text.trim()) : text.trim();
    if (keep && entered !== before) handlers.commit(lineKey, { [spec.name]: entered });
  };
  return (
    <input
      autoFocus
      aria-label={spec.label}
      inputMode={isFigure(spec) ? "decimal" : "text"}
      type={spec.kind === "date" ? "date" : "text"}
      autoComplete="off"
      className={classes("h-full w-full bg-transparent px-2 outline-none", isFigure(spec) && "text-right")}
      value={text}
      onFocus={(event) => initial === null && event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={(event) => {
        if (isStillInHand(event)) return;
        finish(true);
        handlers.leave(null);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === "Tab") finish(true);
        if (event.key === "Escape") finish(false);
        handlers.leave(event);
      }}
    />
  );
}
