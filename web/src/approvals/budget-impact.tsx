import { useMay } from "@/api/permissions";
import { useReport } from "@/api/reports";
import type { Effects } from "@/api/types";
import { isNegative, subtract, sum } from "@/lib/decimal";
import { Badge } from "@/ui/badge";
import { Money } from "@/ui/figures";

interface BudgetImpactProps {
  readonly company: string;
  readonly changes: Effects["budget"];
}

const MEMBERS = ["pre_encumbered", "encumbered", "actual"] as const;

/** What approving leaves of each budget line that it draws on; nothing for somebody who may not see budgets. */
export function BudgetImpact({ company, changes }: BudgetImpactProps) {
  const may = useMay();
  const { data } = useReport("ledger/budget-vs-actual", { company }, changes.length > 0 && may("ledger.budget_vs_actual.read"));
  const lines = [...new Set(changes.map((change) => change.budget_line))].flatMap((id) => {
    const row = data?.rows.find((candidate) => candidate.budget_line === id);
    if (!row) return [];
    const mine = changes.filter((change) => change.budget_line === id);
    const taken = sum(mine.flatMap((change) => MEMBERS.map((member) => change[member] ?? "0")));
    return [{ row, after: subtract(row.remaining, taken) }];
  });
  if (lines.length === 0) return null;
  return (
    <section aria-label="Budget">
      <table className="w-full">
        <caption className="pb-1 text-left text-xs font-semibold text-muted">Budget left</caption>
        <thead className="text-xs text-muted">
          <tr>
            <th scope="col" className="border-b border-line py-1 text-left font-medium">
              Line
            </th>
            <th scope="col" className="border-b border-line py-1 text-right font-medium">
              Now
            </th>
            <th scope="col" className="border-b border-line py-1 text-right font-medium">
              After approval
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ row, after }) => (
            <tr key={row.budget_line}>
              <th scope="row" className="border-b border-line py-1 text-left font-normal">
                {row.code} <span className="text-muted">{row.budget_name}</span>
              </th>
              <td className="border-b border-line py-1 text-right">
                <Money amount={row.remaining} />
              </td>
              <td className="border-b border-line py-1 text-right">
                <span className="inline-flex items-center gap-2">
                  {isNegative(after) ? <Badge tone="negative">Exceeded</Badge> : null}
                  <Money amount={after} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
