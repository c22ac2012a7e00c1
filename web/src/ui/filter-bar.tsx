import { ListFilter, Search, X } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Condition, Operator } from "@/api/filters";
import { classes } from "@/lib/classes";
import { humanize } from "@/lib/format";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "./button";
import { Field } from "./field";
import { Input, Select } from "./input";
import { Popover } from "./popover";

interface FilterBarProps {
  readonly q: string;
  readonly onQ: (q: string) => void;
  readonly placeholder: string;
  readonly children?: ReactNode;
}

const DEBOUNCE_MS = 200;

/** Typing filters at once; everything beside it narrows further. */
export function FilterBar({ q, onQ, placeholder, children }: FilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  useShortcuts({ "/": () => input.current?.focus() });
  useEffect(() => setTyped(q), [q]);
  useEffect(() => {
    if (typed === q) return;
    const timer = setTimeout(() => onQ(typed), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [typed, q, onQ]);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <div className="relative w-full sm:w-64">
        <Search className="pointer-events-none absolute top-2 left-2 size-4 text-faint" aria-hidden />
        <Input
          ref={input}
          type="search"
          aria-label={placeholder}
          placeholder={placeholder}
          className="border-line pl-8"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") input.current?.blur();
          }}
        />
      </div>
      {children}
    </div>
  );
}

interface ToggleChipsProps {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: readonly string[];
  readonly onChosen: (chosen: readonly string[]) => void;
}

/** Several of a few: none chosen means all. */
export const ToggleChips = ({ label, options, chosen, onChosen }: ToggleChipsProps) => (
  <div role="group" aria-label={label} className="flex flex-wrap gap-1">
    {options.map(({ value, label: name }) => {
      const on = chosen.includes(value);
      return (
        <button
          key={value}
          type="button"
          aria-pressed={on}
          onClick={() => onChosen(on ? chosen.filter((other) => other !== value) : [...chosen, value])}
          className={classes(
            "h-7 rounded-full border px-2.5 text-xs",
            on ? "border-accent bg-accent-soft font-medium text-accent" : "border-line text-muted hover:bg-hover hover:text-ink",
          )}
        >
          {name}
        </button>
      );
    })}
  </div>
);

const SIGNS: Record<Operator, string> = { eq: "is", in: "is one of", gte: "≥", lte: "≤" };

export const ConditionChip = ({ condition, onRemove }: { readonly condition: Condition; readonly onRemove: () => void }) => (
  <span className="inline-flex h-7 items-center gap-1 rounded-full border border-accent bg-accent-soft pr-1 pl-2.5 text-xs text-accent">
    {humanize(condition.field)} {SIGNS[condition.operator]} {condition.value}
    <button type="button" aria-label={`Remove the filter on ${humanize(condition.field)}`} onClick={onRemove} className="rounded-full p-1 hover:bg-hover">
      <X className="size-3.5" aria-hidden />
    </button>
  </span>
);

interface AddConditionProps {
  readonly fields: readonly { readonly value: string; readonly label: string; readonly type: "date" | "text" }[];
  readonly onAdd: (condition: Condition) => void;
}

export function AddCondition({ fields, onAdd }: AddConditionProps) {
  const [field, setField] = useState(fields[0]?.value ?? "");
  const [operator, setOperator] = useState<Operator>("gte");
  const [value, setValue] = useState("");
  const type = fields.find((candidate) => candidate.value === field)?.type ?? "text";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!value.trim()) return;
    onAdd({ field, operator, value: value.trim() });
    setValue("");
  };
  return (
    <Popover
      label="Add a filter"
      trigger={
        <Button size="small" variant="ghost" icon={<ListFilter aria-hidden />}>
          Filter
        </Button>
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Field">
          {(control) => <Select {...control} choices={fields} value={field} onChange={(event) => setField(event.target.value)} />}
        </Field>
        <Field label="Comparison">
          {(control) => (
            <Select
              {...control}
              choices={(["gte", "lte", "eq"] as const).map((sign) => ({ value: sign, label: SIGNS[sign] }))}
              value={operator}
              onChange={(event) => setOperator(event.target.value as Operator)}
            />
          )}
        </Field>
        <Field label="Value">
          {(control) => <Input {...control} type={type} value={value} onChange={(event) => setValue(event.target.value)} />}
        </Field>
        <Button type="submit" variant="primary">
          Add filter
        </Button>
      </form>
    </Popover>
  );
}
