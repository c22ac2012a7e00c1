import { type ReactNode, useEffect, useState } from "react";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { CompanyChoice } from "./company-choice";
import { useMoment } from "./moment";

interface MomentBarProps {
  /** Figures of a span of days rather than of one. */
  readonly span?: boolean;
  readonly children?: ReactNode;
}

/** Chooses company, day and the moment of knowledge; what a report narrows further by comes before them. */
export function MomentBar({ span, children }: MomentBarProps) {
  const { companies, params, update } = useMoment();
  const chosen = ["date_from", "as_of", "known_at"].filter((name) => params.get(name));
  return (
    <div data-print="none" className="grid grid-cols-2 items-end gap-x-3 gap-y-2 border-b border-line px-4 py-3 sm:flex sm:flex-wrap">
      {companies.length > 1 ? (
        <Field label="Company" className="sm:w-44">
          {(control) => <CompanyChoice {...control} />}
        </Field>
      ) : null}
      {children}
      {span ? (
        <Field label="From" className="sm:w-36">
          {(control) => <MomentInput {...control} type="date" value={params.get("date_from") ?? ""} onValue={(day) => update({ date_from: day })} />}
        </Field>
      ) : null}
      <Field label={span ? "Until" : "As of"} className="sm:w-36">
        {(control) => <MomentInput {...control} type="date" value={params.get("as_of") ?? ""} onValue={(day) => update({ as_of: day })} />}
      </Field>
      <Field label="Known at" className="col-span-2 sm:w-48">
        {(control) => (
          <MomentInput
            {...control}
            type="datetime-local"
            title="Leaves out whatever was recorded later"
            value={toLocal(params.get("known_at"))}
            onValue={(local) => update({ known_at: local ? new Date(local).toISOString() : null })}
          />
        )}
      </Field>
      {chosen.length > 0 ? (
        <Button variant="ghost" onClick={() => update({ date_from: null, as_of: null, known_at: null })}>
          Clear dates
        </Button>
      ) : null}
    </div>
  );
}

/** An instant as a local date and time, the way the platform's picker takes it. */
function toLocal(instant: string | null): string {
  if (!instant) return "";
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const EARLIEST = "1900";

interface MomentInputProps {
  readonly id: string;
  readonly type: "date" | "datetime-local";
  readonly title?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** Takes a date when it is whole: while a year is typed, the platform already tells the years 2, 20 and 202. */
function MomentInput({ value, onValue, ...rest }: MomentInputProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <Input
      {...rest}
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value);
        if (event.target.value === "" || event.target.value >= EARLIEST) onValue(event.target.value);
      }}
    />
  );
}
