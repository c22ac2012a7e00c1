import { StockPage } from "@/reports/stock";

export default function Page() {
  return <StockPage />;
}
