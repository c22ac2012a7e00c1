"use client";

import { MasterFormPage } from "@/masters/form-page";
import { locations } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={locations} />;
}
