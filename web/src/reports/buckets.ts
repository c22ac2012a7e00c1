import type { Schemas } from "@/api/reports";
import type { Mark } from "@/ui/charts";

export type Bucket = "not_due" | "days_1_30" | "days_31_60" | "days_61_90" | "over_90";

interface BucketSpec {
  readonly key: Bucket;
  readonly label: string;
  /** Days overdue, both ends included. */
  readonly from: number;
  readonly to: number;
}

/** How long an open item is overdue, as the ageing report groups it. */
export const BUCKETS: readonly BucketSpec[] = [
  { key: "not_due", label: "Not due", from: -Infinity, to: 0 },
  { key: "days_1_30", label: "1–30", from: 1, to: 30 },
  { key: "days_31_60", label: "31–60", from: 31, to: 60 },
  { key: "days_61_90", label: "61–90", from: 61, to: 90 },
  { key: "over_90", label: "Over 90", from: 91, to: Infinity },
];

export const bucketOf = (daysOverdue: number): Bucket =>
  BUCKETS.find(({ from, to }) => daysOverdue >= from && daysOverdue <= to)?.key ?? "not_due";

export const isBucket = (text: string | null): text is Bucket => BUCKETS.some(({ key }) => key === text);

export const bucketMarks = (totals: Schemas["Buckets"], href: (bucket: Bucket) => string): Mark[] =>
  BUCKETS.map(({ key, label }) => ({ key, label, value: totals[key], href: href(key) }));

export type Side = "payable" | "receivable";

export const SIDES = [
  { value: "payable", label: "Payable" },
  { value: "receivable", label: "Receivable" },
] as const;

export const sideOf = (params: URLSearchParams): Side => (params.get("side") === "receivable" ? "receivable" : "payable");
