"use client";

import { MasterListPage } from "@/masters/list-page";
import { items } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={items} />;
}
