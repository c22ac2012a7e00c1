import { classes } from "@/lib/classes";
import type { Column } from "@/ui/data-table";
import { Money } from "@/ui/figures";

interface SumRowProps<R> {
  readonly columns: readonly Column<R>[];
  readonly label?: string;
  /** By column; those that add up to nothing that means anything are left out. */
  readonly sums: Readonly<Record<string, string>>;
}

/** What the columns of a table add up to, each below its figures. */
export const SumRow = <R,>({ columns, label = "Total", sums }: SumRowProps<R>) => (
  <tr className="font-semibold">
    {columns.map(({ key, align }, index) => (
      <td key={key} className={classes("h-9 px-3 first:pl-4 last:pr-4", align === "end" && "text-right")}>
        {index === 0 ? label : sums[key] === undefined ? null : <Money amount={sums[key]} />}
      </td>
    ))}
  </tr>
);
