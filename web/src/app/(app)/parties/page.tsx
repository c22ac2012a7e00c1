"use client";

import { MasterListPage } from "@/masters/list-page";
import { parties } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={parties} />;
}
