"use client";

import { MasterFormPage } from "@/masters/form-page";
import { exchangeRates } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={exchangeRates} />;
}
