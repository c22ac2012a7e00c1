import { AgingPage } from "@/reports/aging";

export default function Page() {
  return <AgingPage />;
}
