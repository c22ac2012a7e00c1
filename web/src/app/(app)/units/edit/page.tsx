"use client";

import { MasterFormPage } from "@/masters/form-page";
import { units } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={units} />;
}
