"use client";

import { MasterListPage } from "@/masters/list-page";
import { bankAccounts } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={bankAccounts} />;
}
