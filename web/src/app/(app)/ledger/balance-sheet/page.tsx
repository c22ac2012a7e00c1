import { BalanceSheetPage } from "@/reports/balance-sheet";

export default function Page() {
  return <BalanceSheetPage />;
}
