import Link from "next/link";
import { isRef } from "@/api/names";
import type { ReferenceKind } from "@/api/references";
import type { Ref } from "@/api/types";
import { humanize } from "@/lib/format";
import { PhaseBadge } from "@/ui/badge";
import { DateText, Money, Quantity } from "@/ui/figures";
import { Reference } from "@/ui/reference";
import { documentHref, stateLabel, typeOf } from "./registry";
import type { FieldSpec, Values } from "./types/shape";

interface FieldValueProps {
  readonly spec: FieldSpec;
  readonly values: Values;
  readonly currency?: unknown;
  /** Whether a reference leads to the page of what it names. */
  readonly linked?: boolean;
}

/** One field as people read it, by the kind of its description. */
export function FieldValue({ spec, values, currency, linked }: FieldValueProps) {
  const value = values[spec.name];
  const known = typeof currency === "string" ? currency : null;
  if (spec.name === "state") {
    const [code, state, phase] = [values.type, value, values.phase].map((member) => String(member ?? ""));
    return <PhaseBadge phase={phase ?? ""} state={stateLabel(code ?? "", state ?? "", phase ?? "")} />;
  }
  switch (spec.kind) {
    case "money":
      return <Money amount={value} currency={known} />;
    case "price":
      return <Money amount={value} />;
    case "quantity":
      return <Quantity quantity={value} />;
    case "date":
    case "instant":
      return <DateText date={value} />;
    case "reference": {
      const name = <Reference value={value} withCode={spec.reference === "account"} />;
      const href = linked && isRef(value) ? referenceHref(spec.reference, value) : null;
      return href ? (
        <Link href={href} className="link relative z-1">
          {name}
        </Link>
      ) : (
        name
      );
    }
    case "choice":
      return <span>{spec.choices?.find((choice) => choice.value === value)?.label ?? humanize(String(value ?? ""))}</span>;
    case "choices":
      return <span>{Array.isArray(value) ? value.map((one) => humanize(String(one))).join(", ") : "–"}</span>;
    default:
      return <Reference value={value} />;
  }
}

const PARTIES: readonly (ReferenceKind | undefined)[] = ["party", "supplier"];

/** The page of a record or document that a field names; null where there is none. */
function referenceHref(kind: ReferenceKind | undefined, { id, code }: Exclude<Ref, string>): string | null {
  if (PARTIES.includes(kind)) return `/parties/edit/?id=${id}`;
  if (kind === "account") return code ? `/ledger/account/?code=${encodeURIComponent(code)}` : null;
  if (kind === "item") return `/items/edit/?id=${id}`;
  return kind && typeOf(kind) ? documentHref(kind, id) : null;
}

export const isFigure = (spec: FieldSpec): boolean => spec.kind === "money" || spec.kind === "price" || spec.kind === "quantity";
