import { useQuery } from "@tanstack/react-query";
import { ListFilter, Search, X } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Condition, Operator } from "@/api/filters";
import { isRef } from "@/api/names";
import { findReferences, type ReferenceKind } from "@/api/references";
import { classes } from "@/lib/classes";
import { formatAmount, formatDate, humanize } from "@/lib/format";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "./button";
import { Combobox } from "./combobox";
import { type ControlProps, Field } from "./field";
import { type Choice, DateInput, DecimalInput, Input, Select } from "./input";
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

/** A field that a list can be narrowed by, and how its value is entered and told. */
export interface FilterField {
  readonly value: string;
  readonly label: string;
  readonly kind: "text" | "date" | "instant" | "money" | "reference" | "choice";
  readonly reference?: ReferenceKind;
  readonly choices?: readonly Choice[];
}

const SIGNS: Record<Operator, string> = { eq: "is", in: "is one of", gte: "≥", lte: "≤" };

interface ConditionChipProps {
  readonly condition: Condition;
  readonly field?: FilterField | undefined;
  readonly onRemove: () => void;
}

export function ConditionChip({ condition, field, onRemove }: ConditionChipProps) {
  const name = field?.label ?? humanize(condition.field);
  return (
    <span className="inline-flex h-7 items-center gap-1 rounded-full border border-accent bg-accent-soft pr-1 pl-2.5 text-xs text-accent">
      {name} {SIGNS[condition.operator]} {field?.reference ? <NameOf kind={field.reference} code={condition.value} /> : told(field, condition.value)}
      <button type="button" aria-label={`Remove the filter on ${name}`} onClick={onRemove} className="rounded-full p-1 hover:bg-hover">
        <X className="size-3.5" aria-hidden />
      </button>
    </span>
  );
}

function told(field: FilterField | undefined, value: string): string {
  if (field?.kind === "date" || field?.kind === "instant") return formatDate(value);
  if (field?.kind === "money") return formatAmount(value);
  return field?.choices?.find((choice) => choice.value === value)?.label ?? value;
}

/** The address holds a record's code; people read its name. */
function NameOf({ kind, code }: { readonly kind: ReferenceKind; readonly code: string }) {
  const { data } = useQuery({ queryKey: ["lookup", kind, code], queryFn: () => findReferences(kind, code), staleTime: 30_000 });
  return data?.find(({ ref }) => ref.code === code)?.ref.name || code;
}

interface AddConditionProps {
  readonly fields: readonly FilterField[];
  readonly onAdd: (conditions: readonly Condition[]) => void;
}

/** Narrows by one more field: dates and amounts from and to, anything else to a value. */
export function AddCondition({ fields, onAdd }: AddConditionProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label="Add a filter"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="small" variant="ghost" icon={<ListFilter aria-hidden />}>
          Filter
        </Button>
      }
    >
      <ConditionForm
        fields={fields}
        onAdd={(conditions) => {
          setOpen(false);
          onAdd(conditions);
        }}
      />
    </Popover>
  );
}

type Bounds = Readonly<Partial<Record<"eq" | "gte" | "lte", string>>>;

function ConditionForm({ fields, onAdd }: AddConditionProps) {
  const [name, setName] = useState(fields[0]?.value ?? "");
  const [bounds, setBounds] = useState<Bounds>({});
  const field = fields.find((candidate) => candidate.value === name);
  if (!field) return null;
  const set = (operator: keyof Bounds) => (value: string) => setBounds((now) => ({ ...now, [operator]: value }));
  const ranged = field.kind === "date" || field.kind === "instant" || field.kind === "money";
  const asked = (["eq", "gte", "lte"] as const).flatMap((operator) => {
    const value = bounds[operator]?.trim();
    return value ? [{ field: name, operator, value: field.kind === "instant" ? edgeOfDay(value, operator === "lte") : value }] : [];
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asked.length > 0) onAdd(asked);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="Field">
        {(control) => (
          <Select
            {...control}
            choices={fields}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setBounds({});
            }}
          />
        )}
      </Field>
      {ranged ? (
        <div className="grid grid-cols-2 gap-3">
          <Field label="From">{(control) => <Bound control={control} field={field} value={bounds.gte ?? ""} onValue={set("gte")} />}</Field>
          <Field label="To">{(control) => <Bound control={control} field={field} value={bounds.lte ?? ""} onValue={set("lte")} />}</Field>
        </div>
      ) : (
        <Field key={name} label="Is">
          {(control) => <Bound control={control} field={field} value={bounds.eq ?? ""} onValue={set("eq")} />}
        </Field>
      )}
      <Button type="submit" variant="primary">
        Add filter
      </Button>
    </form>
  );
}

interface BoundProps {
  readonly control: ControlProps;
  readonly field: FilterField;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Bound({ control, field, value, onValue }: BoundProps) {
  if (field.kind === "date" || field.kind === "instant") return <DateInput {...control} value={value} onValue={onValue} />;
  if (field.kind === "money") return <DecimalInput {...control} value={value} onValue={onValue} />;
  if (field.choices) {
    return <Select {...control} choices={field.choices} placeholder="" value={value} onChange={(event) => onValue(event.target.value)} />;
  }
  if (field.reference) {
    return <Combobox {...control} kind={field.reference} value={value} onValue={(chosen) => onValue(isRef(chosen) ? (chosen.code ?? chosen.id) : chosen)} />;
  }
  return <Input {...control} value={value} onChange={(event) => onValue(event.target.value)} />;
}

/** The first or the last instant of a day where the user is: what is recorded at an instant is filtered by days. */
const edgeOfDay = (date: string, end: boolean): string => new Date(`${date}T${end ? "23:59:59.999" : "00:00:00"}`).toISOString();
