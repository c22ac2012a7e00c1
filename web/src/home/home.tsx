"use client";

import { useMay } from "@/api/permissions";
import { formatDate, today } from "@/lib/format";
import { CompanyChoice } from "@/reports/company-choice";
import { PageHeader } from "@/ui/page-header";
import { Budgets } from "./budgets";
import { MyRequests } from "./my-requests";
import { MyTasks } from "./my-tasks";
import { OpenOrders } from "./open-orders";
import { Payables } from "./payables";

/** What waits for me and how things stand; every figure and bar leads to the rows behind it. */
export function HomePage() {
  const may = useMay();
  return (
    <>
      <PageHeader title="Home" note={formatDate(today())} actions={<CompanyChoice />} />
      <div className="gap-4 *:mb-4 *:break-inside-avoid lg:columns-2">
        <MyTasks />
        {may("procurement.requisition.create") && !may("procurement.purchase_order.read") ? <MyRequests /> : null}
        {may("ledger.budget_vs_actual.read") ? <Budgets /> : null}
        {may("procurement.purchase_order.read") ? <OpenOrders /> : null}
        {may("billing.open_item.read") ? <Payables /> : null}
      </div>
    </>
  );
}
