"use client";

import { DeliveriesPage } from "@/settings/deliveries";

export default function Page() {
  return <DeliveriesPage />;
}
