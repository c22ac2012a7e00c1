"use client";

import { useMay } from "@/api/permissions";
import { formatDate, today } from "@/lib/format";
import { CompanyChoice } from "@/reports/company-choice";
import { PageHeader } from "@/ui/page-header";
import { Budgets } from "./budgets";
import { MyTasks } from "./my-tasks";
import { OpenOrders } from "./open-orders";
import { Payables } from "./payables";

/** What waits for me and how things stand; every figure and bar leads to the rows behind it. */
export function HomePage() {
  const may = useMay();
  return (
    <>
      <PageHeader title="Home" note={formatDate(today())} actions={<CompanyChoice />} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <MyTasks />
        {may("ledger.budget_vs_actual.read") ? <Budgets /> : null}
        {may("procurement.purchase_order.read") ? <OpenOrders /> : null}
        {may("billing.open_item.read") ? <Payables /> : null}
      </div>
    </>
  );
}
