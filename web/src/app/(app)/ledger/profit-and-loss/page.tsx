import { ProfitAndLossPage } from "@/reports/profit-and-loss";

export default function Page() {
  return <ProfitAndLossPage />;
}
