import { refLabel } from "@/api/names";
import type { Ref } from "@/api/types";
import { Combobox } from "@/ui/combobox";
import { type ControlProps, Field } from "@/ui/field";
import { DateInput, DecimalInput, Input, Select } from "@/ui/input";
import type { FieldSpec, Values } from "../types/shape";

interface HeaderFieldsProps {
  readonly fields: readonly FieldSpec[];
  readonly values: Values;
  readonly errors: ReadonlyMap<string, string>;
  readonly onValue: (name: string, value: unknown) => void;
  /** An existing record: what can only be given at creation is fixed. */
  readonly existing: boolean;
  /** The field that takes the focus when the form opens. */
  readonly focus?: string | undefined;
}

/** Where typing begins: at the first required field that is empty. On phones a keyboard would cover the form. */
export const firstToFill = (fields: readonly FieldSpec[], values: Values): string | undefined =>
  window.matchMedia("(pointer: coarse)").matches ? undefined : (fields.find((spec) => spec.required && !values[spec.name]) ?? fields[0])?.name;

export const HeaderFields = ({ fields, values, errors, onValue, existing, focus }: HeaderFieldsProps) => (
  <div className="grid grid-cols-1 gap-x-4 gap-y-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
    {fields
      .filter((spec) => !spec.readOnly)
      .map((spec) =>
        spec.kind === "choices" ? (
          <Choices
            key={spec.name}
            spec={spec}
            chosen={Array.isArray(values[spec.name]) ? (values[spec.name] as unknown[]).map(String) : []}
            error={errors.get(spec.name)}
            onChosen={(chosen) => onValue(spec.name, chosen)}
          />
        ) : (
          <Field key={spec.name} label={spec.label} hint={existing && spec.createOnly ? undefined : spec.hint} error={errors.get(spec.name)} required={Boolean(spec.required)}>
            {(control) => (
              <Control
                control={{ ...control, autoFocus: spec.name === focus }}
                spec={spec}
                value={values[spec.name]}
                disabled={existing && Boolean(spec.createOnly)}
                onValue={(value) => onValue(spec.name, value)}
              />
            )}
          </Field>
        ),
      )}
  </div>
);

interface FieldControlProps {
  readonly control: ControlProps;
  readonly spec: FieldSpec;
  readonly value: unknown;
  readonly disabled: boolean;
  readonly onValue: (value: Ref) => void;
}

function Control({ control, spec, value, disabled, onValue }: FieldControlProps) {
  const text = typeof value === "string" ? value : refLabel(value);
  switch (spec.kind) {
    case "reference":
      return spec.reference ? <Combobox {...control} kind={spec.reference} value={value} disabled={disabled} onValue={onValue} /> : null;
    case "date":
      return <DateInput {...control} value={text} disabled={disabled} onValue={onValue} />;
    case "money":
    case "price":
    case "quantity":
      return <DecimalInput {...control} value={text} disabled={disabled} onValue={onValue} />;
    case "choice":
      return (
        <Select
          {...control}
          choices={spec.choices ?? []}
          {...(spec.required && text ? {} : { placeholder: "" })}
          value={text}
          disabled={disabled}
          onChange={(event) => onValue(event.target.value)}
        />
      );
    default:
      return <Input {...control} value={text} disabled={disabled} onChange={(event) => onValue(event.target.value)} />;
  }
}

interface ChoicesProps {
  readonly spec: FieldSpec;
  readonly chosen: readonly string[];
  readonly error: string | undefined;
  readonly onChosen: (chosen: readonly string[]) => void;
}

/** Any number of a few choices, as checkboxes. */
const Choices = ({ spec, chosen, error, onChosen }: ChoicesProps) => (
  <fieldset className="flex flex-wrap gap-x-4">
    <legend className="mb-1 text-xs font-medium text-muted">
      {spec.label}
      {spec.required ? (
        <span className="text-negative" aria-hidden>
          {" *"}
        </span>
      ) : null}
    </legend>
    {spec.choices?.map(({ value, label }) => (
      <label key={value} className="flex h-8 items-center gap-1.5">
        <input
          type="checkbox"
          className="size-4"
          checked={chosen.includes(value)}
          onChange={(event) => onChosen(event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value))}
        />
        {label}
      </label>
    ))}
    {error ? (
      <p className="w-full text-xs text-negative" role="alert">
        {error}
      </p>
    ) : null}
  </fieldset>
);
