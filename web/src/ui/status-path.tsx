import { Check, X } from "lucide-react";
import { classes } from "@/lib/classes";

export interface Step {
  readonly key: string;
  readonly label: string;
  readonly status: "done" | "now" | "next" | "stopped";
  readonly note?: string | undefined;
}

/** The way of a document: what is behind it, where it stands, what is to come. */
export const StatusPath = ({ steps }: { readonly steps: readonly Step[] }) => (
  <ol aria-label="Status" className="flex flex-wrap items-center gap-x-1 gap-y-1.5">
    {steps.map((step, index) => (
      <li key={step.key} aria-current={step.status === "now" ? "step" : undefined} className="flex items-center gap-1">
        {index > 0 ? <span aria-hidden className={classes("h-px w-4 sm:w-7", step.status === "next" ? "bg-line" : "bg-edge")} /> : null}
        <span
          className={classes(
            "flex h-6 items-center gap-1.5 rounded-full px-2 text-xs",
            step.status === "done" && "text-muted",
            step.status === "now" && "bg-accent-soft font-medium text-accent",
            step.status === "next" && "text-faint",
            step.status === "stopped" && "bg-negative-soft font-medium text-negative",
          )}
        >
          <Mark status={step.status} />
          {step.label}
          {step.note ? <span className="font-normal text-muted">{step.note}</span> : null}
          <span className="sr-only">{step.status === "done" ? "done" : step.status === "next" ? "to come" : ""}</span>
        </span>
      </li>
    ))}
  </ol>
);

function Mark({ status }: { readonly status: Step["status"] }) {
  if (status === "done") return <Check className="size-3.5 text-positive" aria-hidden />;
  if (status === "stopped") return <X className="size-3.5" aria-hidden />;
  return (
    <span
      aria-hidden
      className={classes("size-2 rounded-full border", status === "now" ? "border-accent bg-accent" : "border-edge")}
    />
  );
}
