"use client";

import { ApiKeysPage } from "@/settings/api-keys";

export default function Page() {
  return <ApiKeysPage />;
}
