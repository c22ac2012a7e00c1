import { TrialBalancePage } from "@/reports/trial-balance";

export default function Page() {
  return <TrialBalancePage />;
}
