import { AccountLedgerPage } from "@/reports/account-ledger";

export default function Page() {
  return <AccountLedgerPage />;
}
