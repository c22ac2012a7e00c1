"use client";

import type { Schemas } from "@/api/reports";
import { Explained } from "@/documents/explain";
import { documentHref, typeOf } from "@/documents/registry";
import { sum } from "@/lib/decimal";
import { Badge } from "@/ui/badge";
import type { Column } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { DateText, DocumentNumber, Money } from "@/ui/figures";
import { Select } from "@/ui/input";
import { EmptyState } from "@/ui/states";
import { BUCKETS, bucketOf, isBucket, sideOf } from "./buckets";
import { Headlines } from "./headlines";
import { LongTable } from "./long-table";
import { useMoment } from "./moment";
import { PartyFilter } from "./party-filter";
import { ReportPage } from "./report-page";
import { SideFilter } from "./side-filter";
import { SumRow } from "./sum-row";

type Row = Schemas["OpenItemRow"];

/** What is owed, invoice by invoice; payments and credits that settle nothing yet count against it. */
export function OpenItemsPage() {
  const { moment, params, update } = useMoment();
  const party = params.get("party");
  const bucket = params.get("bucket");
  const asked = { ...(moment.as_of ? { as_of: moment.as_of } : {}), ...(moment.known_at ? { known_at: moment.known_at } : {}) };
  const columns: Column<Row>[] = [
    { key: "document", header: "Document", cell: (row) => <DocumentNumber number={row.document_number} />, narrow: "title" },
    { key: "party", header: "Party", cell: (row) => row.party_name, narrow: "detail" },
    { key: "reference", header: "Their number", cell: (row) => row.supplier_reference },
    { key: "due", header: "Due", cell: (row) => <DateText date={row.due_on} />, narrow: "detail" },
    { key: "overdue", header: "Overdue", cell: (row) => <Overdue days={row.days_overdue} />, narrow: "detail" },
    { key: "block", header: "Payment", cell: (row) => (row.payment_block ? <Badge tone="warning">Blocked</Badge> : null), narrow: "detail" },
    { key: "total", header: "Total", cell: (row) => <Money amount={row.total} />, align: "end" },
    {
      key: "balance",
      header: "Balance",
      cell: (row) => (
        <Explained
          collection={typeOf(row.document_type)?.collection ?? "billing/supplier-invoices"}
          id={row.document}
          path="/balance"
          label={`Balance of ${row.document_number}`}
          asked={asked}
        >
          <Money amount={row.balance} />
        </Explained>
      ),
      align: "end",
      narrow: "end",
    },
    { key: "currency", header: "Currency", cell: (row) => row.currency },
  ];
  return (
    <ReportPage
      name="billing/open-items"
      title="Open items"
      query={{ side: sideOf(params), ...(party ? { party } : {}) }}
      filters={
        <>
          <SideFilter />
          <PartyFilter member="party" label="Party" />
          <Field label="Days overdue" className="sm:w-36">
            {(control) => (
              <Select
                {...control}
                placeholder="Any"
                choices={BUCKETS.map(({ key, label }) => ({ value: key, label }))}
                value={isBucket(bucket) ? bucket : ""}
                onChange={(event) => update({ bucket: event.target.value })}
              />
            )}
          </Field>
        </>
      }
    >
      {(answer) => {
        const rows = isBucket(bucket) ? answer.data.filter((row) => bucketOf(row.days_overdue) === bucket) : answer.data;
        const foreign = rows.some((row) => row.currency !== answer.currency);
        const blocked = rows.some((row) => row.payment_block);
        const shown = columns.filter(({ key }) => (key !== "currency" || foreign) && (key !== "block" || blocked));
        const open = sum(rows.map((row) => row.balance_company));
        if (rows.length === 0) return <EmptyState title="Nothing is open">No posted invoice fits the choices above and has a balance left.</EmptyState>;
        return (
          <>
            <Headlines
              figures={[
                { label: "Open", amount: open },
                { label: "Overdue", amount: sum(rows.filter((row) => row.days_overdue > 0).map((row) => row.balance_company)) },
              ]}
            />
            <LongTable
              label="Open items"
              keys
              columns={shown}
              rows={rows}
              rowKey={(row) => row.document}
              {...(foreign ? {} : { footer: <SumRow columns={shown} sums={{ balance: open }} /> })}
              href={(row) => documentHref(row.document_type, row.document)}
            />
          </>
        );
      }}
    </ReportPage>
  );
}

const Overdue = ({ days }: { readonly days: number }) =>
  days > 0 ? <span className="whitespace-nowrap text-negative">{days === 1 ? "1 day" : `${days} days`}</span> : <span className="text-faint">Not due</span>;
