import { isDecimal, isNegative, isZero, round, trim } from "./decimal";

type DecimalText = Intl.StringNumericLiteral;

const DIGITS_WITHOUT_MINOR_UNITS = 2;
const digitsOf = new Map<string, number>();

/** Decimals of a currency (ISO 4217): two for EUR, none for JPY, three for KWD. */
export function minorDigits(currency: string | null | undefined): number {
  if (!currency) return DIGITS_WITHOUT_MINOR_UNITS;
  let digits = digitsOf.get(currency);
  if (digits === undefined) {
    try {
      const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
      digits = options.maximumFractionDigits ?? DIGITS_WITHOUT_MINOR_UNITS;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      digits = DIGITS_WITHOUT_MINOR_UNITS;
    }
    digitsOf.set(currency, digits);
  }
  return digits;
}

const locale = (): string | undefined => (typeof navigator === "undefined" ? undefined : navigator.language);

/** Grouped and localized; formatting of a string keeps every digit. */
export function formatAmount(amount: string, currency?: string | null): string {
  if (!isDecimal(amount)) return amount;
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: Math.max(digits, 6) })
    .format(round(amount, Math.max(digits, decimalsOf(amount))) as DecimalText)
    .replace("-", "−");
}

export function formatQuantity(quantity: string): string {
  if (!isDecimal(quantity)) return quantity;
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 12 })
    .format(trim(quantity) as DecimalText)
    .replace("-", "−");
}

/** For the axis of a chart and tiles beside an exact figure: "12.4K". */
export const formatCompact = (amount: string): string =>
  new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 }).format(amount as DecimalText);

const DATE_LENGTH = "2026-01-31".length;

const decimalsOf = (amount: string): number => (trim(amount).split(".")[1] ?? "").length;

export const isDebit = (amount: string): boolean => isDecimal(amount) && !isZero(amount) && !isNegative(amount);

/** A calendar date; of an instant, the day that it falls on where the user is. */
export function formatDate(date: string | null | undefined): string {
  if (!date) return "";
  const parsed = new Date(date.length > DATE_LENGTH ? date : `${date}T12:00:00`);
  if (Number.isNaN(parsed.getTime())) return date;
  return new Intl.DateTimeFormat(locale(), { year: "numeric", month: "short", day: "2-digit" }).format(parsed);
}

export function formatInstant(instant: string | null | undefined): string {
  if (!instant) return "";
  const parsed = new Date(instant);
  if (Number.isNaN(parsed.getTime())) return instant;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(parsed);
}

const STEPS: readonly (readonly [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [7 * 86_400, 86_400, "day"],
];

/** "3 hours ago" within a week, the date beyond. */
export function formatAge(instant: string, now: Date = new Date()): string {
  const seconds = Math.round((new Date(instant).getTime() - now.getTime()) / 1000);
  const step = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  if (!step) return formatDate(instant);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.trunc(seconds / step[1]), step[2]);
}

/** Today where the user is, as YYYY-MM-DD. */
export function today(): string {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** "purchase_order" as "Purchase order"; "quantity_received" as "Quantity received". */
export function humanize(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
