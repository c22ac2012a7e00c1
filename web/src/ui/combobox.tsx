import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Popover } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { refLabel } from "@/api/names";
import { type Found, type ReferenceKind, findReferences } from "@/api/references";
import type { Ref } from "@/api/types";
import { classes } from "@/lib/classes";
import type { ControlProps } from "./field";
import { isStillInHand } from "./input";

interface ComboboxProps extends Partial<ControlProps> {
  readonly kind: ReferenceKind;
  /** An id or a natural code, as the API takes either. */
  readonly value: unknown;
  readonly onValue: (value: Ref, found: Found | null) => void;
  readonly label?: string;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** Inside a cell of the line grid: no border of its own, focused at once; `initial` is what was typed to begin. */
  readonly cell?: { readonly initial: string | null; readonly onKey: (event: KeyboardEvent<HTMLInputElement>) => void; readonly onLeave: () => void };
}

const DEBOUNCE_MS = 120;

const lookup = (kind: ReferenceKind, typed: string) => ({
  queryKey: ["lookup", kind, typed],
  queryFn: () => findReferences(kind, typed),
  staleTime: 30_000,
});

/** Looks a reference up by code, name or alias while typing; a code that nothing matches is left to the server. */
export function Combobox({ kind, value, onValue, label, placeholder, disabled, cell, ...control }: ComboboxProps) {
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const shown = refLabel(value);
  const [draft, setDraft] = useState<string | null>(cell ? cell.initial : null);
  const [open, setOpen] = useState(Boolean(cell));
  const [active, setActive] = useState(-1);
  const typed = useDebounced(draft ?? "");
  const options = useQuery({ ...lookup(kind, typed), enabled: open, placeholderData: keepPreviousData });
  const found = options.data ?? [];
  const settled = typed === (draft ?? "") && !options.isPlaceholderData && !options.isFetching;

  const isCell = cell !== undefined;
  const fresh = cell?.initial === null;
  useEffect(() => {
    if (!isCell) return;
    input.current?.focus();
    // What stands there is replaced by what is typed next, as in every other cell.
    if (fresh) input.current?.select();
  }, [isCell, fresh]);
  useEffect(() => setActive(typed ? 0 : -1), [typed]);
  useEffect(() => {
    document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active, listId]);

  const choose = (option: Found) => {
    onValue(option.ref, option);
    setDraft(null);
    setOpen(false);
  };
  /** The text stands until the server names its match: the same code, else the best one, or the only one on leaving. */
  const settle = async (takeBest: boolean) => {
    setOpen(false);
    const entered = draft?.trim();
    if (entered === undefined || entered === shown) return;
    setDraft(null);
    onValue(entered, null);
    if (!entered) return;
    const matches = await queries.fetchQuery(lookup(kind, entered)).catch(() => []);
    const exact = matches.find((option) => option.ref.code?.toLowerCase() === entered.toLowerCase());
    const best = exact ?? (takeBest || matches.length === 1 ? matches[0] : undefined);
    if (best) onValue(best.ref, best);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const option = found[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) setOpen(true);
      else setActive((at) => (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(found.length, 1));
      return;
    }
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      setOpen(false);
      setDraft(null);
    } else if ((event.key === "Enter" || event.key === "Tab") && open) {
      if (option && settled) choose(option);
      else void settle(true);
      if (event.key === "Enter") event.preventDefault();
    }
    cell?.onKey(event);
  };

  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Anchor asChild>
        <input
          {...control}
          ref={input}
          role="combobox"
          aria-label={label}
          aria-expanded={open}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={open && found[active] ? `${listId}-${active}` : undefined}
          autoComplete="off"
          placeholder={placeholder}
          disabled={disabled}
          className={cell ? "h-full w-full bg-transparent px-2 outline-none" : "control"}
          value={draft ?? shown}
          onChange={(event) => {
            setDraft(event.target.value);
            setOpen(true);
          }}
          onClick={() => setOpen(true)}
          onBlur={(event) => {
            if (isStillInHand(event)) return;
            void settle(false);
            cell?.onLeave();
          }}
          onKeyDown={onKeyDown}
        />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          role="group"
          aria-label="Matches"
          align="start"
          sideOffset={4}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            if (event.target === input.current) event.preventDefault();
          }}
          className="z-60 w-(--radix-popover-trigger-width) min-w-80 max-w-[calc(100vw-24px)] rounded-lg border border-line bg-raised p-1 shadow-float"
        >
          <ul id={listId} role="listbox" aria-label={label ?? "Matches"} className="max-h-72 overflow-y-auto">
            {found.map((option, index) => (
              <li
                key={option.ref.id}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={index === active}
                className={classes("flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1", index === active && "bg-hover")}
                onPointerMove={() => setActive(index)}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(option)}
              >
                <span className="shrink-0 text-xs text-muted">{option.ref.code}</span>
                <span className="min-w-0 flex-1 truncate">{option.ref.name}</span>
                {option.hint ? <span className="shrink-0 text-xs text-muted">{option.hint}</span> : null}
              </li>
            ))}
          </ul>
          {found.length === 0 ? (
            <p role="status" className="px-2 py-1.5 text-muted">
              {options.isFetching ? "Searching…" : `Nothing found for “${typed}”.`}
            </p>
          ) : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function useDebounced(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
