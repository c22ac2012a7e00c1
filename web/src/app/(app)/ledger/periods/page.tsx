"use client";

import { PeriodsPage } from "@/settings/periods";

export default function Page() {
  return <PeriodsPage />;
}
