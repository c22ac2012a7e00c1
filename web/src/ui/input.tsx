import { type ComponentProps, type FocusEvent, useState } from "react";
import { evaluate } from "@/lib/arithmetic";
import { classes } from "@/lib/classes";

/** Whether only the window lost the focus: whoever looks something up in another one comes back to the same field. */
export const isStillInHand = (event: FocusEvent): boolean => document.activeElement === event.target;

export const Input = ({ className, ...rest }: ComponentProps<"input">) => (
  <input className={classes("control", className)} {...rest} />
);

export const Textarea = ({ className, ...rest }: ComponentProps<"textarea">) => (
  <textarea className={classes("control h-auto min-h-16 py-1.5", className)} {...rest} />
);

export interface Choice {
  readonly value: string;
  readonly label: string;
}

type SelectProps = Omit<ComponentProps<"select">, "children"> & { readonly choices: readonly Choice[]; readonly placeholder?: string };

/** The platform's own select: keyboard, screen readers and phones already know it. */
export const Select = ({ choices, placeholder, className, ...rest }: SelectProps) => (
  <select className={classes("control pr-1", className)} {...rest}>
    {placeholder !== undefined ? <option value="">{placeholder}</option> : null}
    {choices.map((choice) => (
      <option key={choice.value} value={choice.value}>
        {choice.label}
      </option>
    ))}
  </select>
);

type ValueProps<Element extends "input"> = Omit<ComponentProps<Element>, "value" | "onChange" | "type"> & {
  readonly value: string;
  readonly onValue: (value: string) => void;
};

/** A calendar date, YYYY-MM-DD in and out; the picker and the order of its parts are the platform's. */
export const DateInput = ({ value, onValue, className, ...rest }: ValueProps<"input">) => (
  <input
    type="date"
    className={classes("control", className)}
    value={value}
    onChange={(event) => onValue(event.target.value)}
    {...rest}
  />
);

/** A decimal as text: arithmetic such as 12*3 is worked out on leaving, the decimal sign may be a comma or a point. */
export function DecimalInput({ value, onValue, className, ...rest }: ValueProps<"input">) {
  const [draft, setDraft] = useState<string | null>(null);
  const settle = () => {
    if (draft !== null) onValue(evaluate(draft) ?? draft.trim());
    setDraft(null);
  };
  return (
    <input
      inputMode="decimal"
      autoComplete="off"
      className={classes("control text-right", className)}
      value={draft ?? value}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle();
      }}
      {...rest}
    />
  );
}
