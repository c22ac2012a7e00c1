import { ApprovalsPage } from "@/approvals/inbox";

export default function Page() {
  return <ApprovalsPage />;
}
