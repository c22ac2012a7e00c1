"use client";

import { MasterFormPage } from "@/masters/form-page";
import { accounts } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={accounts} />;
}
