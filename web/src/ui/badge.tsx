import type { ReactNode } from "react";
import { classes } from "@/lib/classes";
import { humanize } from "@/lib/format";

export type Tone = "neutral" | "accent" | "positive" | "warning" | "negative";

const TONES: Record<Tone, string> = {
  neutral: "bg-neutral-soft text-muted",
  accent: "bg-accent-soft text-accent",
  positive: "bg-positive-soft text-positive",
  warning: "bg-warning-soft text-warning",
  negative: "bg-negative-soft text-negative",
};

export const Badge = ({ tone = "neutral", children }: { readonly tone?: Tone; readonly children: ReactNode }) => (
  <span
    className={classes(
      "inline-flex h-5 items-center rounded-sm px-1.5 text-2xs font-medium tracking-wide whitespace-nowrap",
      TONES[tone],
    )}
  >
    {children}
  </span>
);

const PHASES: Record<string, Tone> = {
  draft: "neutral",
  review: "warning",
  active: "accent",
  done: "positive",
  void: "negative",
};

/** The state's own name in the colour of its phase, which tenants cannot rename. */
export const PhaseBadge = ({ phase, state }: { readonly phase: string; readonly state?: string | undefined }) => (
  <Badge tone={PHASES[phase] ?? "neutral"}>{humanize(state || phase)}</Badge>
);
