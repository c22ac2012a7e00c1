import { isRef, refLabel, refValue } from "@/api/names";

/** A party, item or account by its name; the head of its id only when the answer tells no name. */
export function Reference({ value, withCode }: { readonly value: unknown; readonly withCode?: boolean }) {
  if (value === null || value === undefined || value === "") return <span className="text-faint">–</span>;
  const label = refLabel(value);
  if (!label) return <span className="text-faint">{refValue(value)?.slice(0, 8) ?? String(value)}</span>;
  return (
    <span>
      {withCode && isRef(value) && value.code && value.name ? <span className="mr-1.5 text-faint">{value.code}</span> : null}
      {label}
    </span>
  );
}
