"use client";

import { MasterFormPage } from "@/masters/form-page";
import { items } from "@/masters/registry";

export default function Page() {
  return <MasterFormPage kind={items} />;
}
