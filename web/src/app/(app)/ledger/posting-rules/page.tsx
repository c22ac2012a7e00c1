"use client";

import { PostingRulesPage } from "@/masters/posting-rules";

export default function Page() {
  return <PostingRulesPage />;
}
