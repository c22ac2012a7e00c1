"use client";

import { PaymentTermsPage } from "@/masters/payment-terms";

export default function Page() {
  return <PaymentTermsPage />;
}
