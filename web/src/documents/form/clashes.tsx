import { humanize } from "@/lib/format";
import { Button } from "@/ui/button";
import { Reference } from "@/ui/reference";
import type { Clash } from "./use-form";

interface ClashesProps {
  readonly clashes: readonly Clash[];
  /** The number of a line, by its id. */
  readonly numberOf?: (line: string) => number;
  readonly onChoose: (clash: Clash, value: unknown) => void;
}

/** Fields that somebody else and I changed to different values: both are shown, one is taken. */
export function Clashes({ clashes, numberOf, onChoose }: ClashesProps) {
  if (clashes.length === 0) return null;
  return (
    <section role="alert" aria-label="Changed by both" className="mb-4 rounded-lg border border-warning/30 bg-warning-soft px-4 py-3">
      <p className="font-medium">Somebody saved this document meanwhile. Their changes are in; these fields you both changed. Choose what holds, then save again.</p>
      <ul className="mt-2 flex flex-col gap-2">
        {clashes.map((clash, index) => (
          <li key={`${clash.line}${clash.field}`} className="flex flex-wrap items-center gap-2">
            <span className="w-40 text-muted">
              {clash.line && numberOf ? `Line ${numberOf(clash.line)}, ${humanize(clash.field).toLowerCase()}` : humanize(clash.field)}
            </span>
            <Button size="small" autoFocus={index === 0} onClick={() => onChoose(clash, clash.mine)}>
              Mine: <Reference value={clash.mine ?? "empty"} />
            </Button>
            <Button size="small" onClick={() => onChoose(clash, clash.theirs)}>
              Theirs: <Reference value={clash.theirs ?? "empty"} />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
