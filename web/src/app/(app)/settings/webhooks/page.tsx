"use client";

import { WebhooksPage } from "@/settings/webhooks";

export default function Page() {
  return <WebhooksPage />;
}
