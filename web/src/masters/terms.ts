import { formatQuantity } from "@/lib/format";

/** One part of payment terms, as it is typed: percent and counts as text, empty where nothing is said. */
export interface TermPart {
  /** Of the total; the last part takes what the others leave. */
  readonly percent: string;
  readonly months: string;
  readonly days: string;
  readonly dayOfMonth: string;
}

/** As the API tells it; what is not said is left out or null. */
export interface StoredPart {
  readonly percent?: string | null;
  readonly remainder?: boolean;
  readonly months?: number;
  readonly days?: number;
  readonly day_of_month?: number | null;
}

export const emptyPart: TermPart = { percent: "", months: "", days: "", dayOfMonth: "" };

const typed = (count: number | null | undefined): string => (count ? String(count) : "");

export const typedPart = (part: StoredPart): TermPart => ({
  percent: part.percent ?? "",
  months: typed(part.months),
  days: typed(part.days),
  dayOfMonth: typed(part.day_of_month),
});

/** The parts as the API takes them: the last is the remainder. */
export const storedParts = (parts: readonly TermPart[]): StoredPart[] =>
  parts.map((part, index) => ({
    ...(index === parts.length - 1 ? { remainder: true } : { percent: part.percent }),
    ...(part.months ? { months: Number(part.months) } : {}),
    ...(part.days ? { days: Number(part.days) } : {}),
    ...(part.dayOfMonth ? { day_of_month: Number(part.dayOfMonth) } : {}),
  }));

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

/** "30 % in 14 days, the rest in 2 months on day 15"; terms of one part tell when alone. */
export const describeTerms = (parts: readonly StoredPart[]): string =>
  parts
    .map((part) => {
      const share = parts.length === 1 ? "" : part.remainder ? "the rest" : `${formatQuantity(part.percent ?? "0")} %`;
      const after = [part.months ? counted(part.months, "month") : "", part.days ? counted(part.days, "day") : ""].filter(Boolean).join(" and ");
      const day = part.day_of_month ? `on day ${part.day_of_month}` : "";
      return [share, after ? `in ${after}` : day ? "" : "at once", day].filter(Boolean).join(" ");
    })
    .join(", ");
