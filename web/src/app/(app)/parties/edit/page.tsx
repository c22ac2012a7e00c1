"use client";

import { MasterFormPage } from "@/masters/form-page";
import { parties } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={parties} />;
}
