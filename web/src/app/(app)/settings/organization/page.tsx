"use client";

import { OrganizationPage } from "@/settings/organization";

export default function Page() {
  return <OrganizationPage />;
}
