"use client";

import { MasterListPage } from "@/masters/list-page";
import { exchangeRates } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={exchangeRates} />;
}
