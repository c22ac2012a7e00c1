import { ValuationPage } from "@/reports/valuation";

export default function Page() {
  return <ValuationPage />;
}
