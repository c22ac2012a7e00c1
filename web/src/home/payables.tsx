import { useReport } from "@/api/reports";
import { subtract } from "@/lib/decimal";
import { BarChart } from "@/ui/charts";
import { Money } from "@/ui/figures";
import { bucketMarks } from "@/reports/buckets";
import { useMoment } from "@/reports/moment";
import { Tile, TileNote } from "./tile";

/** What we owe, by how long it has been due. */
export function Payables() {
  const { moment, ready, href } = useMoment();
  const query = useReport("billing/aging", { ...moment, side: "payable" }, ready);
  return (
    <Tile title="Payables" href={href("/billing/aging/")} more="Ageing by supplier" query={query}>
      {({ rows, totals, currency }) =>
        rows.length === 0 ? (
          <TileNote>Nothing is owed. Posted supplier invoices show here until they are paid.</TileNote>
        ) : (
          <div className="px-4">
            <dl className="mb-2 flex gap-8">
              <div>
                <dt className="text-xs text-muted">Open, {currency}</dt>
                <dd className="text-lg font-semibold">
                  <Money amount={totals.total} />
                </dd>
              </div>
              <div>
                <dt className="text-xs text-muted">Overdue</dt>
                <dd className="text-lg font-semibold">
                  <Money amount={subtract(totals.total, totals.not_due)} />
                </dd>
              </div>
            </dl>
            <BarChart title="Payables by days overdue" marks={bucketMarks(totals, (bucket) => href("/billing/open-items/", { bucket }))} />
          </div>
        )
      }
    </Tile>
  );
}
