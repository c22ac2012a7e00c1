import { humanize } from "@/lib/format";
import { PhaseBadge } from "@/ui/badge";
import { DateText, Money, Quantity } from "@/ui/figures";
import { Reference } from "@/ui/reference";
import type { FieldSpec, Values } from "./types/shape";

interface FieldValueProps {
  readonly spec: FieldSpec;
  readonly values: Values;
  readonly currency?: unknown;
}

/** One field as people read it, by the kind of its description. */
export function FieldValue({ spec, values, currency }: FieldValueProps) {
  const value = values[spec.name];
  const known = typeof currency === "string" ? currency : null;
  if (spec.name === "state") return <PhaseBadge phase={String(values.phase ?? "")} state={String(value ?? "")} />;
  switch (spec.kind) {
    case "money":
      return <Money amount={value} currency={known} />;
    case "price":
      return <Money amount={value} />;
    case "quantity":
      return <Quantity quantity={value} />;
    case "date":
      return <DateText date={value} />;
    case "reference":
      return <Reference value={value} />;
    case "choice":
      return <span>{spec.choices?.find((choice) => choice.value === value)?.label ?? humanize(String(value ?? ""))}</span>;
    case "choices":
      return <span>{Array.isArray(value) ? value.map((one) => humanize(String(one))).join(", ") : "–"}</span>;
    default:
      return <Reference value={value} />;
  }
}

export const isFigure = (spec: FieldSpec): boolean => spec.kind === "money" || spec.kind === "price" || spec.kind === "quantity";
