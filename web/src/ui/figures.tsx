import { isDecimal, isNegative } from "@/lib/decimal";
import { classes } from "@/lib/classes";
import { formatAmount, formatDate, formatInstant, formatAge, formatQuantity } from "@/lib/format";

interface MoneyProps {
  readonly amount: unknown;
  readonly currency?: string | null | undefined;
  readonly className?: string;
}

/** An amount with the digits of its currency. A minus sign tells a negative one; colour only repeats it. */
export function Money({ amount, currency, className }: MoneyProps) {
  if (typeof amount !== "string" || amount === "") return <span className="text-faint">–</span>;
  const negative = isDecimal(amount) && isNegative(amount);
  return (
    <span className={classes("whitespace-nowrap", negative && "text-negative", className)}>
      {formatAmount(amount, currency)}
      {currency ? <span className="ml-1 text-2xs text-faint">{currency}</span> : null}
    </span>
  );
}

export function Quantity({ quantity, unit }: { readonly quantity: unknown; readonly unit?: unknown }) {
  if (typeof quantity !== "string" || quantity === "") return <span className="text-faint">–</span>;
  return (
    <span className="whitespace-nowrap">
      {formatQuantity(quantity)}
      {typeof unit === "string" && unit ? <span className="ml-1 text-2xs text-faint">{unit}</span> : null}
    </span>
  );
}

export const DateText = ({ date }: { readonly date: unknown }) =>
  typeof date === "string" && date ? (
    <time dateTime={date} className="whitespace-nowrap">
      {formatDate(date)}
    </time>
  ) : (
    <span className="text-faint">–</span>
  );

/** How long ago; the exact instant on hover. */
export const Age = ({ instant }: { readonly instant: string }) => (
  <time dateTime={instant} title={formatInstant(instant)} className="whitespace-nowrap">
    {formatAge(instant)}
  </time>
);

/** Never broken at its hyphens; a draft has none yet. */
export const DocumentNumber = ({ number }: { readonly number: string | null }) => <span className="whitespace-nowrap">{number ?? "Draft"}</span>;
