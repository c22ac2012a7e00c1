"use client";

import { MembersPage } from "@/settings/members";

export default function Page() {
  return <MembersPage />;
}
