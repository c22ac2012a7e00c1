import { BudgetUsePage } from "@/reports/budget-use";

export default function Page() {
  return <BudgetUsePage />;
}
