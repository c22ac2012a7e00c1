import { useReport } from "@/api/reports";
import { documentHref } from "@/documents/registry";
import { BurnBar } from "@/ui/charts";
import { burnParts, tightest, yearsOf } from "@/reports/burn";
import { useMoment } from "@/reports/moment";
import { Tile, TileNote } from "./tile";

const SHOWN = 5;

/** The budget lines of the latest year that have least left. */
export function Budgets() {
  const { moment, ready, href } = useMoment();
  const query = useReport("ledger/budget-vs-actual", moment, ready);
  return (
    <Tile title="Budgets" href={href("/ledger/budget-vs-actual/")} more="All budgets" query={query}>
      {({ rows, currency }) => {
        const [year] = yearsOf(rows);
        if (!year) return <TileNote>No budget is approved yet. Its lines show here what is spent, ordered and left.</TileNote>;
        return (
          <>
            <p className="px-4 pb-1 text-xs text-muted">
              {year}, least left first, {currency}
            </p>
            <div className="flex flex-col gap-1 px-2.5">
              {tightest(rows.filter((row) => row.fiscal_year === year), SHOWN).map((row) => (
                <BurnBar
                  key={row.budget_line}
                  label={row.name ?? row.code}
                  href={documentHref("budget", row.budget)}
                  whole={row.budgeted}
                  remaining={row.remaining}
                  parts={burnParts(row)}
                />
              ))}
            </div>
          </>
        );
      }}
    </Tile>
  );
}
