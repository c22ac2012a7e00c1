"use client";

import { add, isZero, subtract } from "@/lib/decimal";
import { Headlines } from "./headlines";
import { useMoment } from "./moment";
import { ReportPage } from "./report-page";
import { Section } from "./statement";
import { Balanced } from "./trial-balance";

/** Before every entry: what was brought forward is read beside the result of the year, as that of all days. */
const BEGINNING = "1900-01-01";

export function BalanceSheetPage() {
  const { moment, href } = useMoment();
  const ledger = (code: string) => href("/ledger/account/", { code });
  return (
    <ReportPage name="ledger/balance-sheet" title="Balance sheet">
      {(answer) => (
        <>
          <Headlines
            figures={[
              { label: "Assets", amount: answer.total_assets },
              {
                label: "Liabilities and equity",
                amount: add(answer.total_liabilities, answer.total_equity),
                note: <Balanced by={subtract(answer.total_assets, add(answer.total_liabilities, answer.total_equity))} />,
              },
            ]}
          />
          <div className="grid items-start gap-x-6 md:grid-cols-2">
            <Section title="Assets" rows={answer.assets} total={answer.total_assets} href={ledger} moment={moment} />
            <div>
              <Section title="Liabilities" rows={answer.liabilities} total={answer.total_liabilities} href={ledger} moment={moment} />
              <Section
                title="Equity"
                rows={answer.equity}
                total={answer.total_equity}
                href={ledger}
                moment={moment}
                extras={[
                  { label: "Result brought forward", href: href("/ledger/profit-and-loss/", { date_from: BEGINNING }), amount: answer.result_brought_forward },
                  { label: "Result of the year", href: href("/ledger/profit-and-loss/"), amount: answer.result_of_year },
                ].filter((line) => !isZero(line.amount))}
              />
            </div>
          </div>
        </>
      )}
    </ReportPage>
  );
}
