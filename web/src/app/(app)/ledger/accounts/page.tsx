"use client";

import { MasterListPage } from "@/masters/list-page";
import { accounts } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={accounts} />;
}
