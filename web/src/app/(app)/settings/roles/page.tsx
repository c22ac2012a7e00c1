"use client";

import { RolesPage } from "@/settings/roles";

export default function Page() {
  return <RolesPage />;
}
