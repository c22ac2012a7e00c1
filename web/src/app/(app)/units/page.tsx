"use client";

import { MasterListPage } from "@/masters/list-page";
import { units } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={units} />;
}
