import { BankPage } from "@/reports/bank";

export default function Page() {
  return <BankPage />;
}
