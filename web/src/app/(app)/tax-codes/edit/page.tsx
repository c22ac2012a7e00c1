"use client";

import { MasterFormPage } from "@/masters/form-page";
import { taxCodes } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={taxCodes} />;
}
