import { Copy, Plus, Trash2 } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, memo, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { flushSync } from "react-dom";
import { isRef } from "@/api/names";
import { evaluate } from "@/lib/arithmetic";
import { parseBlock } from "@/lib/paste";
import { Button, IconButton } from "@/ui/button";
import { lineAmount } from "../amounts";
import type { LineColumn, Values } from "../types/shape";
import { isFigure } from "../value";
import { Cell, type CellHandlers } from "./cell";
import { type GridLine, isBlank, type LineStore } from "./store";
import { useWindow } from "./window";

interface LineGridProps {
  readonly label: string;
  readonly columns: readonly LineColumn[];
  readonly store: LineStore;
  readonly digits: number;
  /** Message by "line key/field"; the key keeps an error with its line when lines move. */
  readonly errors: ReadonlyMap<string, string>;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

const ROW_PX = 34;
/** How far columns of words give way before the grid scrolls sideways; a figure is read to its last digit. */
const NARROWEST = 0.75;
const narrowest = (spec: LineColumn): number => (isFigure(spec) ? spec.width : spec.width * NARROWEST);

/** Lines as in a spreadsheet: type, arrows, Tab, Enter, paste. Only rows in view are painted. */
export function LineGrid({ label, columns, store, digits, errors }: LineGridProps) {
  const lines = useSyncExternalStore(store.subscribe, store.get, store.get);
  const root = useRef<HTMLDivElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const [active, setActive] = useState<Place>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  const view = useWindow(root, lines.length, ROW_PX);
  const at = { row: Math.min(active.row, Math.max(lines.length - 1, 0)), column: active.column };

  const go = (row: number, column: number) => {
    const target = { row: Math.min(Math.max(row, 0), store.get().length - 1), column: Math.min(Math.max(column, 0), columns.length - 1) };
    // Painted at once, so that the focus is never nowhere: a key pressed meanwhile would be lost.
    flushSync(() => {
      setEditing(undefined);
      setActive(target);
      view.reveal(target.row);
    });
    root.current?.querySelector<HTMLElement>(`[data-cell="${target.row}:${target.column}"]`)?.focus();
  };
  const addLine = () => {
    store.insert(store.get().length);
    go(store.get().length - 1, columns.findIndex((spec) => !spec.readOnly));
  };
  /** To the next cell in reading order; after the last a new line, unless the last one is empty: then out of the grid. */
  const tab = (event: KeyboardEvent, back: boolean) => {
    const position = at.row * columns.length + at.column + (back ? -1 : 1);
    const beyond = position >= lines.length * columns.length;
    if (position < 0 || (beyond && isBlank(store.get()[at.row]?.values ?? {}))) {
      setEditing(undefined);
      return;
    }
    event.preventDefault();
    if (beyond) addLine();
    else go(Math.floor(position / columns.length), position % columns.length);
  };

  const removeLine = (row: number) => {
    store.remove(row);
    if (store.get().length === 0) store.insert(0);
    go(row, at.column);
  };

  const latest = useRef({ tab, go, at, removeLine });
  latest.current = { tab, go, at, removeLine };
  const handlers = useMemo<CellHandlers>(
    () => ({
      activate: (row, column) => {
        const { at: place } = latest.current;
        if (place.row === row && place.column === column) return;
        // Another cell is only shown first, whatever was typed into the one that is left.
        setEditing(undefined);
        setActive({ row, column });
      },
      edit: (row, column, initial) => {
        setActive({ row, column });
        setEditing(initial);
      },
      commit: (key, changes) => store.set(key, changes),
      choose: (key, spec, value, row) => {
        const now = store.get().find((line) => line.key === key)?.values ?? {};
        store.set(key, { ...filled(spec, now, row), [spec.name]: value });
      },
      duplicate: (row) => store.duplicate(row),
      remove: (row) => latest.current.removeLine(row),
      leave: (event) => {
        if (event === null) return setEditing(undefined);
        const { at: place, go: goTo, tab: tabTo } = latest.current;
        event.stopPropagation();
        if (event.key === "Tab") tabTo(event, event.shiftKey);
        else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
          event.preventDefault();
          goTo(place.row + 1, place.column);
        } else if (event.key === "Escape") goTo(place.row, place.column);
      },
    }),
    [store],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    if (editing !== undefined) return;
    const spec = columns[at.column];
    const line = lines[at.row];
    const mod = event.ctrlKey || event.metaKey;
    const run = commandFor(event, mod);
    if (run === "tab") return tab(event, event.shiftKey);
    if (run && line && spec) {
      event.preventDefault();
      if (run === "up") go(at.row - 1, at.column);
      else if (run === "down") go(at.row + 1, at.column);
      else if (run === "left") go(at.row, at.column - 1);
      else if (run === "right") go(at.row, at.column + 1);
      else if (run === "home") go(mod ? 0 : at.row, 0);
      else if (run === "end") go(mod ? lines.length - 1 : at.row, columns.length - 1);
      else if (run === "edit" && !spec.readOnly) setEditing(null);
      else if (run === "clear" && !spec.readOnly) store.set(line.key, { [spec.name]: "" });
      else if (run === "undo") store.undo();
      else if (run === "redo") store.redo();
      else if (run === "leave") addButton.current?.focus();
      else if (run === "duplicate") {
        store.duplicate(at.row);
        go(at.row + 1, at.column);
      } else if (run === "remove") removeLine(at.row);
      else if (run === "move up" && store.move(at.row, -1)) go(at.row - 1, at.column);
      else if (run === "move down" && store.move(at.row, 1)) go(at.row + 1, at.column);
    } else if (!mod && !event.altKey && event.key.length === 1 && spec && !spec.readOnly) {
      event.preventDefault();
      setEditing(event.key);
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    if (editing !== undefined) return;
    event.preventDefault();
    const names = columns.slice(at.column);
    const block = parseBlock(event.clipboardData.getData("text/plain")).map((cells) =>
      cells.map((cell, index) => (names[index] && isFigure(names[index]) ? (evaluate(cell) ?? cell) : cell)),
    );
    store.paste(at.row, names.map((spec) => (spec.readOnly ? null : spec.name)), block);
  };
  const onCopy = (event: ClipboardEvent) => {
    const spec = columns[at.column];
    if (editing !== undefined || !spec) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied(lines[at.row]?.values[spec.name]));
  };

  const template = `2.5rem ${columns.map((spec) => `minmax(${narrowest(spec)}rem, ${spec.width}fr)`).join(" ")} 4.25rem`;
  // Of the columns alone: a long text is cut in its cell and never widens the grid.
  const minWidth = `${6.75 + columns.reduce((width, spec) => width + narrowest(spec), 0)}rem`;
  const wrong = wrongCells(lines, columns, errors);
  const here = wrong.find(({ row, column }) => row === at.row && column === at.column);
  const first = here ? undefined : wrong[0];
  return (
    <div>
      <div
        ref={root}
        role="grid"
        aria-label={label}
        aria-rowcount={lines.length + 1}
        aria-colcount={columns.length + 2}
        className="group/grid max-h-[60vh] overflow-auto"
        onScroll={view.onScroll}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onCopy={onCopy}
      >
        <div style={{ minWidth }}>
          <div role="row" aria-rowindex={1} className="sticky top-0 z-2 grid h-8 items-center border-b border-line bg-surface text-xs font-medium text-muted" style={{ gridTemplateColumns: template }}>
            <span role="columnheader" className="px-2 text-right">#</span>
            {columns.map((spec) => (
              <span key={spec.name} role="columnheader" title={spec.hint} className={`truncate px-2 ${isFigure(spec) ? "text-right" : ""}`}>
                {spec.label}
                {spec.required ? <span className="text-negative" aria-hidden> *</span> : null}
              </span>
            ))}
            <span role="columnheader" className="sr-only">Line</span>
          </div>
          <div style={{ height: view.before }} role="presentation" />
          {lines.slice(view.start, view.end).map((line, index) => (
            <GridRow
              key={line.key}
              row={view.start + index}
              line={line}
              columns={columns}
              template={template}
              digits={digits}
              activeColumn={view.start + index === at.row ? at.column : null}
              editing={view.start + index === at.row ? editing : undefined}
              errors={errors}
              handlers={handlers}
            />
          ))}
          <div style={{ height: view.after }} role="presentation" />
        </div>
      </div>
      <div className="flex items-center gap-3 border-t border-line px-2 py-1.5">
        <Button ref={addButton} size="small" variant="ghost" icon={<Plus aria-hidden />} onClick={addLine}>
          Add line
        </Button>
        <p role="status" className="min-w-0 flex-1 text-xs text-negative">
          {here?.message}
          {first ? (
            <button type="button" className="text-left underline underline-offset-2" onClick={() => go(first.row, first.column)}>
              Line {first.row + 1}, {first.label}: {first.message}
            </button>
          ) : null}
          {wrong.length > 1 ? ` And ${wrong.length - 1} more.` : null}
        </p>
      </div>
    </div>
  );
}

/** What choosing a record fills in beside it, never over what somebody entered. */
const filled = (spec: LineColumn, values: Values, row: Values | undefined): Values =>
  row && spec.fills ? Object.fromEntries(Object.entries(spec.fills(row)).filter(([name, value]) => isBlank({ [name]: values[name] }) && !isBlank({ value }))) : {};

interface WrongCell {
  readonly row: number;
  readonly column: number;
  readonly label: string;
  readonly message: string;
}

/** The cells that were refused, from the top; what a line as a whole is refused for is told in its first cell. */
const wrongCells = (lines: readonly GridLine[], columns: readonly LineColumn[], errors: ReadonlyMap<string, string>): readonly WrongCell[] =>
  errors.size === 0
    ? []
    : lines.flatMap((line, row) =>
        columns.flatMap((spec, column) => {
          const message = errorOf(errors, line, spec, column);
          return message ? [{ row, column, label: spec.label.toLowerCase(), message }] : [];
        }),
      );

const errorOf = (errors: ReadonlyMap<string, string>, line: GridLine, spec: LineColumn, column: number): string | undefined =>
  errors.get(`${line.key}/${spec.name}`) ?? (column === 0 ? errors.get(`${line.key}/`) : undefined);

/** A reference is copied as the code that the server takes. */
const copied = (value: unknown): string => (isRef(value) ? (value.code ?? value.id) : String(value ?? ""));

interface GridRowProps {
  readonly row: number;
  readonly line: GridLine;
  readonly columns: readonly LineColumn[];
  readonly template: string;
  readonly digits: number;
  readonly activeColumn: number | null;
  readonly editing: string | null | undefined;
  readonly errors: ReadonlyMap<string, string>;
  readonly handlers: CellHandlers;
}

const GridRow = memo(function GridRow({ row, line, columns, template, digits, activeColumn, editing, errors, handlers }: GridRowProps) {
  const values = useMemo<Values>(() => ({ ...line.values, net_amount: lineAmount(line.values, digits) }), [line, digits]);
  return (
    <div role="row" aria-rowindex={row + 2} className="group grid border-b border-line" style={{ gridTemplateColumns: template, height: ROW_PX }}>
      <span role="rowheader" className="flex items-center justify-end border-r border-line px-2 text-xs text-faint">
        {row + 1}
      </span>
      {columns.map((spec, column) => (
        <Cell
          key={spec.name}
          lineKey={line.key}
          row={row}
          column={column}
          spec={spec}
          values={values}
          active={activeColumn === column}
          editing={activeColumn === column ? editing : undefined}
          error={errorOf(errors, line, spec, column)}
          handlers={handlers}
        />
      ))}
      <span role="gridcell" className="flex items-center justify-center opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
        <IconButton label={`Duplicate line ${row + 1}`} size="small" tabIndex={-1} onClick={() => handlers.duplicate(row)}>
          <Copy />
        </IconButton>
        <IconButton label={`Remove line ${row + 1}`} size="small" tabIndex={-1} onClick={() => handlers.remove(row)}>
          <Trash2 />
        </IconButton>
      </span>
    </div>
  );
});

const PLAIN: Readonly<Record<string, string>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "home",
  End: "end",
  Enter: "edit",
  F2: "edit",
  Delete: "clear",
  Backspace: "clear",
  Escape: "leave",
  Tab: "tab",
};
const WITH_MOD: Readonly<Record<string, string>> = { d: "duplicate", Backspace: "remove", z: "undo", Z: "redo", y: "redo", Home: "home", End: "end" };
const WITH_ALT: Readonly<Record<string, string>> = { ArrowUp: "move up", ArrowDown: "move down" };

const commandFor = (event: KeyboardEvent, mod: boolean): string | undefined =>
  (mod ? WITH_MOD : event.altKey ? WITH_ALT : PLAIN)[event.key];
