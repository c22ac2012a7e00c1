"use client";

import { MasterFormPage } from "@/masters/form-page";
import { bankAccounts } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={bankAccounts} />;
}
