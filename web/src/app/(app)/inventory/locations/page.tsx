"use client";

import { MasterListPage } from "@/masters/list-page";
import { locations } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={locations} />;
}
