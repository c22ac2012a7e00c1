"use client";

import { MasterListPage } from "@/masters/list-page";
import { taxCodes } from "@/masters/registry";

export default function Page() {
  return <MasterListPage kind={taxCodes} />;
}
