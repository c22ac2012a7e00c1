"use client";

import { EntriesPage } from "@/reports/entries";

export default function Page() {
  return <EntriesPage />;
}
