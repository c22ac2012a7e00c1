"use client";

import { compare } from "@/lib/decimal";
import { formatDate } from "@/lib/format";
import { BarList } from "@/ui/charts";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";
import { Section } from "./statement";

const BARS = 12;

export function ProfitAndLossPage() {
  const { params, href } = useMoment();
  const from = params.get("date_from");
  return (
    <ReportPage name="ledger/profit-and-loss" title="Profit and loss" span query={from ? { date_from: from } : {}}>
      {(answer) => {
        const ledger = (code: string) => href("/ledger/account/", { code, date_from: answer.date_from, as_of: answer.as_of });
        const marks = answer.expenses
          .toSorted((a, b) => compare(b.amount, a.amount))
          .slice(0, BARS)
          .map((row) => ({ key: row.account, label: row.name, value: row.amount, href: ledger(row.account) }));
        return (
          <>
            <Headlines
              figures={[
                { label: `Net result, ${formatDate(answer.date_from)} to ${formatDate(answer.as_of)}`, amount: answer.net_result },
                { label: "Income", amount: answer.total_income },
                { label: "Expenses", amount: answer.total_expenses },
              ]}
            />
            <div className="grid gap-x-6 md:grid-cols-2">
              <div>
                <Section title="Income" rows={answer.income} total={answer.total_income} href={ledger} />
                <Section title="Expenses" rows={answer.expenses} total={answer.total_expenses} href={ledger} />
              </div>
              {marks.length > 1 ? (
                <div className="px-4 py-4">
                  <h2 className="pb-1 text-base font-semibold">Largest expenses</h2>
                  <BarList title="Largest expenses" marks={marks} />
                </div>
              ) : null}
            </div>
          </>
        );
      }}
    </ReportPage>
  );
}
