import { refValue } from "@/api/names";
import { compare } from "@/lib/decimal";
import { today } from "@/lib/format";
import { decimalOf, netTotal, quantityTotal, remaining } from "../amounts";
import { type DocumentType, type LineColumn, numberColumn, POSTED, REVIEWED, stateColumn, type Draft, type SourceDocument, type Values } from "./shape";

/** An item brings its unit; its name stands in for a description that nobody typed. */
const fromItem = (item: Values): Values => ({ unit: item.unit });

export const ITEM: LineColumn = { name: "item", label: "Item", kind: "reference", reference: "item", width: 10, fills: fromItem };
export const DESCRIPTION: LineColumn = { name: "description", label: "Description", kind: "text", width: 14 };
export const QUANTITY: LineColumn = { name: "quantity", label: "Quantity", kind: "quantity", width: 7, required: true };
export const UNIT: LineColumn = { name: "unit", label: "Unit", kind: "reference", reference: "unit", width: 4 };
export const UNIT_PRICE: LineColumn = { name: "unit_price", label: "Unit price", kind: "price", width: 7 };
export const TAX_CODE: LineColumn = { name: "tax_code", label: "Tax", kind: "reference", reference: "tax_code", width: 6 };
export const NET_AMOUNT: LineColumn = { name: "net_amount", label: "Net", kind: "money", width: 8, readOnly: true };
export const BUDGET_LINE: LineColumn = { name: "budget_line", label: "Budget line", kind: "reference", reference: "budget_line", width: 8 };

export const requisition: DocumentType = {
  code: "requisition",
  collection: "procurement/requisitions",
  singular: "Requisition",
  plural: "Requisitions",
  purpose: "Ask for something to be bought. Once approved, its lines become purchase orders.",
  header: [
    { name: "needed_on", label: "Needed on", kind: "date" },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  facts: [{ name: "total", label: "Total", kind: "money" }],
  linesName: "lines",
  lineLabel: "Line",
  minLines: 1,
  lines: [
    ITEM,
    DESCRIPTION,
    QUANTITY,
    UNIT,
    UNIT_PRICE,
    NET_AMOUNT,
    { name: "supplier", label: "Supplier", kind: "reference", reference: "supplier", width: 9 },
    BUDGET_LINE,
    { name: "quantity_ordered", label: "Ordered", kind: "quantity", width: 6, readOnly: true, explain: true },
  ],
  carried: ["dimensions"],
  list: [
    numberColumn,
    stateColumn,
    { name: "needed_on", label: "Needed on", kind: "date", sortable: true, narrow: "detail" },
    { name: "created_by", label: "Requested by", kind: "text", sortable: "created_by_name" },
    { name: "created_at", label: "Created", kind: "instant", sortable: true },
    { name: "total", label: "Total", kind: "money", sortable: true, narrow: "end" },
  ],
  phases: REVIEWED,
  sources: [],
  amendable: ["needed_on"],
  next: "submit",
  totals: netTotal,
};

const isOpen = (line: Values): boolean => compare(decimalOf(line.quantity) ?? "0", "0") > 0;

/** What is not ordered yet, of the first supplier that the open lines propose and of none. */
function orderOf(source: SourceDocument): Draft {
  const open = source.lines
    .map((line) => ({ ...line, quantity: remaining(line.quantity, line.quantity_ordered) }) as Values)
    .filter(isOpen);
  const supplier = open.find((line) => line.supplier)?.supplier;
  return {
    header: { supplier, company: source.company, currency: source.currency },
    lines: open
      .filter((line) => !line.supplier || refValue(line.supplier) === refValue(supplier))
      .map(({ id, item, description, quantity, unit, unit_price, budget_line, dimensions }) => ({
        requisition_line: id,
        item,
        description,
        quantity,
        unit,
        unit_price,
        budget_line,
        dimensions,
      })),
  };
}

const PROGRESS = [
  { value: "none", label: "Nothing" },
  { value: "partial", label: "In part" },
  { value: "complete", label: "Complete" },
];

export const purchaseOrder: DocumentType = {
  code: "purchase_order",
  collection: "procurement/purchase-orders",
  singular: "Purchase order",
  plural: "Purchase orders",
  purpose: "Promise a supplier to buy, at a price. Approval holds the budget before the supplier sees the promise.",
  header: [
    { name: "supplier", label: "Supplier", kind: "reference", reference: "supplier", required: true },
    { name: "order_date", label: "Order date", kind: "date", initial: today },
    { name: "currency", label: "Currency", kind: "text", hint: "Empty for the company's", createOnly: true },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  facts: [
    { name: "net_total", label: "Net", kind: "money" },
    { name: "tax_total", label: "Tax", kind: "money" },
    { name: "total", label: "Total", kind: "money" },
  ],
  linesName: "lines",
  lineLabel: "Line",
  minLines: 1,
  lines: [
    ITEM,
    DESCRIPTION,
    QUANTITY,
    UNIT,
    { ...UNIT_PRICE, required: true },
    TAX_CODE,
    NET_AMOUNT,
    BUDGET_LINE,
    { name: "quantity_received", label: "Received", kind: "quantity", width: 6, readOnly: true, explain: true },
    { name: "quantity_invoiced", label: "Invoiced", kind: "quantity", width: 6, readOnly: true, explain: true },
  ],
  carried: ["requisition_line", "dimensions", "location"],
  list: [
    numberColumn,
    stateColumn,
    { name: "supplier", label: "Supplier", kind: "reference", reference: "supplier", sortable: "supplier_name", narrow: "detail" },
    { name: "order_date", label: "Ordered", kind: "date", sortable: true, narrow: "detail" },
    { name: "receipt_status", label: "Received", kind: "choice", choices: PROGRESS, sortable: true },
    { name: "invoice_status", label: "Invoiced", kind: "choice", choices: PROGRESS, sortable: true },
    { name: "total", label: "Total", kind: "money", sortable: true, narrow: "end" },
  ],
  phases: REVIEWED,
  presets: [
    { label: "To receive", condition: { field: "receipt_status", operator: "in", value: "none,partial" } },
    { label: "To be invoiced", condition: { field: "invoice_status", operator: "in", value: "none,partial" } },
  ],
  sources: [
    {
      type: "requisition",
      reference: "requisition",
      label: "Requisition",
      verb: "Order",
      draft: orderOf,
    },
  ],
  amendable: [],
  next: "submit",
  totals: netTotal,
};

export const goodsReceipt: DocumentType = {
  code: "goods_receipt",
  collection: "procurement/goods-receipts",
  singular: "Goods receipt",
  plural: "Goods receipts",
  purpose: "Record what arrived. Posting it moves the stock and accrues the liability for it.",
  header: [
    { name: "purchase_order", label: "Purchase order", kind: "reference", reference: "purchase_order", required: true, createOnly: true },
    { name: "received_on", label: "Received on", kind: "date", initial: today },
  ],
  facts: [],
  linesName: "lines",
  lineLabel: "Line",
  minLines: 1,
  lines: [
    { ...ITEM, readOnly: true },
    { ...DESCRIPTION, readOnly: true },
    QUANTITY,
    UNIT,
    { name: "location", label: "Location", kind: "reference", reference: "location", width: 8 },
    { name: "lot", label: "Lot", kind: "text", width: 7 },
  ],
  carried: ["order_line", "serials"],
  list: [
    numberColumn,
    stateColumn,
    { name: "purchase_order", label: "Purchase order", kind: "reference", reference: "purchase_order", sortable: "purchase_order_number", narrow: "detail" },
    { name: "supplier", label: "Supplier", kind: "reference", reference: "supplier", sortable: "supplier_name", narrow: "detail" },
    { name: "received_on", label: "Received on", kind: "date", sortable: true, narrow: "detail" },
    { name: "created_by", label: "Recorded by", kind: "text", sortable: "created_by_name" },
  ],
  phases: POSTED,
  sources: [
    {
      type: "purchase_order",
      reference: "purchase_order",
      label: "Purchase order",
      verb: "Receive",
      draft: (source) => ({
        header: { purchase_order: { id: source.id, ...(source.number ? { code: source.number } : {}) } },
        lines: source.lines
          .map((line) => ({
            order_line: line.id,
            item: line.item,
            description: line.description,
            quantity: remaining(line.quantity, line.quantity_received),
            unit: line.unit,
            location: line.location,
          }))
          .filter(isOpen),
      }),
    },
  ],
  next: "post",
  totals: quantityTotal,
};
