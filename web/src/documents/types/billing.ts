import { compare } from "@/lib/decimal";
import { today } from "@/lib/format";
import { allocationTotals, decimalOf, netTotal, remaining } from "../amounts";
import { BUDGET_LINE, DESCRIPTION, ITEM, NET_AMOUNT, QUANTITY, TAX_CODE, UNIT_PRICE } from "./procurement";
import { type DocumentType, numberColumn, POSTED, stateColumn, type Values } from "./shape";

/** What has arrived and is not billed; before any receipt, what was ordered and is not billed. */
function toBill(line: Values): string {
  const received = decimalOf(line.quantity_received) ?? "0";
  const whole = compare(received, "0") > 0 ? received : line.quantity;
  return remaining(whole, line.quantity_invoiced);
}

export const supplierInvoice: DocumentType = {
  code: "supplier_invoice",
  collection: "billing/supplier-invoices",
  singular: "Supplier invoice",
  plural: "Supplier invoices",
  purpose: "Record what a supplier charges. It is matched with order and receipt line by line before it may be paid.",
  header: [
    { name: "supplier", label: "Supplier", kind: "reference", reference: "supplier", required: true },
    { name: "supplier_reference", label: "Supplier's number", kind: "text", required: true },
    { name: "invoice_date", label: "Invoice date", kind: "date", required: true, initial: today },
    { name: "payment_terms", label: "Payment terms", kind: "reference", reference: "payment_terms" },
    { name: "currency", label: "Currency", kind: "text", hint: "Empty for the company's", createOnly: true },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  facts: [
    { name: "net_total", label: "Net", kind: "money" },
    { name: "tax_total", label: "Tax", kind: "money" },
    { name: "total", label: "Total", kind: "money" },
    { name: "due_on", label: "Due", kind: "date" },
    { name: "balance", label: "Balance", kind: "money", explain: true },
  ],
  linesName: "lines",
  lineLabel: "Line",
  minLines: 1,
  lines: [
    ITEM,
    DESCRIPTION,
    QUANTITY,
    { ...UNIT_PRICE, required: true },
    TAX_CODE,
    { name: "account", label: "Account", kind: "reference", reference: "account", width: 8 },
    { ...BUDGET_LINE, hint: "Of a line without an order: an order's own budget pays for what it ordered" },
    { name: "order", label: "Order", kind: "reference", reference: "purchase_order", width: 8, readOnly: true },
    NET_AMOUNT,
  ],
  carried: ["order_line", "dimensions"],
  list: [
    numberColumn,
    stateColumn,
    { name: "supplier", label: "Supplier", kind: "reference", reference: "supplier", sortable: "supplier_name", narrow: "detail" },
    { name: "supplier_reference", label: "Supplier's number", kind: "text", sortable: true },
    { name: "invoice_date", label: "Invoice date", kind: "date", sortable: true },
    { name: "due_on", label: "Due", kind: "date", sortable: true, narrow: "detail" },
    { name: "total", label: "Total", kind: "money", sortable: true, narrow: "end" },
    { name: "balance", label: "Balance", kind: "money", sortable: true },
  ],
  phases: POSTED,
  presets: [{ label: "Unpaid", condition: { field: "balance", operator: "gte", value: "0.01" } }],
  sources: [
    {
      type: "purchase_order",
      reference: "purchase_order",
      label: "Purchase order",
      verb: "Invoice",
      draft: (source) => ({
        header: { supplier: source.supplier, currency: source.currency, company: source.company },
        lines: source.lines
          .map((line) => ({
            order_line: line.id,
            order: { id: source.id, code: source.number ?? "" },
            item: line.item,
            description: line.description,
            quantity: toBill(line),
            unit_price: line.unit_price,
            tax_code: line.tax_code,
          }))
          .filter((line) => compare(line.quantity, "0") > 0),
      }),
    },
  ],
  next: "post",
  totals: netTotal,
};

const isOwed = (invoice: Values): boolean => compare(decimalOf(invoice.balance) ?? "0", "0") > 0;

const DIRECTIONS = [
  { value: "outgoing", label: "Outgoing" },
  { value: "incoming", label: "Incoming" },
];

export const payment: DocumentType = {
  code: "payment",
  collection: "billing/payments",
  singular: "Payment",
  plural: "Payments",
  purpose: "Record money paid or received, and which invoices it settles.",
  header: [
    {
      name: "direction",
      label: "Direction",
      kind: "choice",
      choices: DIRECTIONS,
      required: true,
      initial: () => "outgoing",
      createOnly: true,
    },
    { name: "party", label: "Party", kind: "reference", reference: "party", required: true, createOnly: true },
    { name: "amount", label: "Amount", kind: "money", required: true },
    { name: "currency", label: "Currency", kind: "text", hint: "Empty for the company's", createOnly: true },
    { name: "paid_on", label: "Paid on", kind: "date", initial: today },
    { name: "bank_account", label: "Bank account", kind: "reference", reference: "bank_account", hint: "Empty for the default", createOnly: true },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  facts: [{ name: "unallocated", label: "Unallocated", kind: "money", explain: true }],
  linesName: "allocations",
  lineLabel: "Allocation",
  minLines: 0,
  lines: [
    { name: "invoice", label: "Invoice", kind: "reference", reference: "supplier_invoice", width: 14, fills: (row) => ({ amount: row.balance, supplier_reference: row.supplier_reference }) },
    { name: "supplier_reference", label: "Supplier's number", kind: "text", width: 10, readOnly: true },
    { name: "payment", label: "Payment given back", kind: "reference", reference: "payment", width: 14 },
    { name: "amount", label: "Amount", kind: "money", width: 8, required: true },
  ],
  carried: [],
  list: [
    numberColumn,
    stateColumn,
    { name: "party", label: "Party", kind: "reference", reference: "party", sortable: "party_name", narrow: "detail" },
    { name: "direction", label: "Direction", kind: "choice", choices: DIRECTIONS, sortable: true },
    { name: "paid_on", label: "Paid on", kind: "date", sortable: true, narrow: "detail" },
    { name: "amount", label: "Amount", kind: "money", sortable: true, narrow: "end" },
  ],
  phases: POSTED,
  sources: [
    {
      type: "supplier_invoice",
      reference: "supplier_invoice",
      label: "Supplier invoice",
      verb: "Pay",
      draft: (source) => ({
        header: {
          direction: "outgoing",
          party: source.supplier,
          amount: source.balance,
          currency: source.currency,
          company: source.company,
        },
        lines: isOwed(source)
          ? [{ invoice: { id: source.id, code: source.number ?? "" }, supplier_reference: source.supplier_reference, amount: source.balance }]
          : [],
      }),
    },
  ],
  next: "post",
  totals: allocationTotals,
};
