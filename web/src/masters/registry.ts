import type { Row } from "@/api/types";
import type { FieldSpec, ListColumn, Values } from "@/documents/types/shape";
import { COUNTRIES } from "@/lib/countries";
import { humanize, today } from "@/lib/format";

/** A kind of master record: what its list shows and what its form holds. */
export interface MasterKind {
  readonly collection: string;
  /** Where its pages are; not every collection has its own place in the navigation. */
  readonly route: string;
  readonly singular: string;
  readonly plural: string;
  readonly purpose: string;
  /** What its permissions begin with: "parties.party". */
  readonly permission: string;
  readonly fields: readonly FieldSpec[];
  readonly list: readonly ListColumn[];
  /** Never changed once it is recorded: there is a new one instead. */
  readonly final?: boolean;
  /** How one goes out of use and comes back: by actions of its own, or by its member `active`. */
  readonly retired?: "action" | "member";
  /** Where a record of this kind leads on to. */
  readonly leads?: readonly Lead[];
  /** The body as the server takes it, where that differs from what the form holds. */
  readonly sent?: (values: Values) => Values;
}

interface Lead {
  readonly label: string;
  readonly permission: string;
  readonly href: (record: Row) => string;
}

/** What is listed of one record: of this supplier, of this item. */
const listOf = (path: string, member: string) => (record: Row) => `${path}?${member}=${encodeURIComponent(String(record.code))}`;

const code: FieldSpec = { name: "code", label: "Code", kind: "text", createOnly: true };
const name: FieldSpec = { name: "name", label: "Name", kind: "text", required: true };
const currency: FieldSpec = { name: "currency", label: "Currency", kind: "text" };
const ACTIVE: ListColumn = { name: "active", label: "Status", kind: "text" };

export const parties: MasterKind = {
  collection: "parties",
  permission: "parties.party",
  retired: "action",
  route: "/parties/",
  singular: "Party",
  plural: "Suppliers and parties",
  purpose: "Suppliers that you buy from and customers that you sell to.",
  fields: [
    { ...code, hint: "Empty for the next free one" },
    name,
    {
      name: "roles",
      label: "Roles",
      kind: "choices",
      required: true,
      choices: [
        { value: "supplier", label: "Supplier" },
        { value: "customer", label: "Customer" },
      ],
    },
    { name: "country", label: "Country", kind: "choice", required: true, choices: COUNTRIES },
    currency,
    { name: "payment_terms", label: "Payment terms", kind: "reference", reference: "payment_terms" },
    { name: "tax_code", label: "Tax code", kind: "reference", reference: "tax_code", hint: "Of lines whose item has none" },
    { name: "tax_id", label: "Tax id", kind: "text" },
    { name: "iban", label: "IBAN", kind: "text" },
    { name: "email", label: "Email", kind: "text" },
  ],
  leads: [
    { label: "Orders", permission: "procurement.purchase_order.read", href: listOf("/procurement/purchase-orders/", "supplier") },
    { label: "Invoices", permission: "billing.supplier_invoice.read", href: listOf("/billing/supplier-invoices/", "supplier") },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "roles", label: "Roles", kind: "choices", narrow: "detail" },
    { name: "country", label: "Country", kind: "text", narrow: "detail" },
    { name: "payment_terms", label: "Payment terms", kind: "reference" },
    ACTIVE,
  ],
};

const ITEM_KINDS = [
  { value: "stock", label: "Stock" },
  { value: "service", label: "Service" },
] as const;

const VALUATIONS = [
  { value: "fifo", label: "First in, first out" },
  { value: "average", label: "Average" },
  { value: "standard", label: "Standard cost" },
] as const;

export const items: MasterKind = {
  collection: "items",
  permission: "catalog.item",
  retired: "action",
  route: "/items/",
  singular: "Item",
  plural: "Items",
  purpose: "What you buy, keep and sell: goods in stock and services.",
  fields: [
    { name: "sku", label: "SKU", kind: "text", required: true, createOnly: true },
    name,
    {
      name: "kind",
      label: "Kind",
      kind: "choice",
      required: true,
      createOnly: true,
      initial: () => "stock",
      choices: ITEM_KINDS,
    },
    { name: "unit", label: "Unit", kind: "reference", reference: "unit", required: true, createOnly: true, initial: () => "EA" },
    {
      name: "valuation",
      label: "Valuation",
      kind: "choice",
      createOnly: true,
      choices: VALUATIONS,
    },
    { name: "standard_cost", label: "Standard cost", kind: "price" },
    { name: "sales_price", label: "Sales price", kind: "price" },
    { name: "tax_code", label: "Tax code", kind: "reference", reference: "tax_code" },
    { name: "category", label: "Category", kind: "text" },
  ],
  leads: [
    {
      label: "Stock moves",
      permission: "inventory.move.read",
      href: ({ id, name }) => `/inventory/moves/?item=${id}&name=${encodeURIComponent(String(name))}`,
    },
  ],
  list: [
    { name: "sku", label: "SKU", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "kind", label: "Kind", kind: "choice", choices: ITEM_KINDS, narrow: "detail" },
    { name: "unit", label: "Unit", kind: "reference", narrow: "detail" },
    { name: "valuation", label: "Valuation", kind: "choice", choices: VALUATIONS },
    { name: "sales_price", label: "Sales price", kind: "price", narrow: "end" },
    ACTIVE,
  ],
};

const CONTROLS = [
  { value: "payable", label: "Payables" },
  { value: "receivable", label: "Receivables" },
  { value: "inventory", label: "Inventory" },
  { value: "grni", label: "Goods received, not invoiced" },
] as const;

export const accounts: MasterKind = {
  collection: "ledger/accounts",
  permission: "ledger.account",
  retired: "member",
  route: "/ledger/accounts/",
  singular: "Account",
  plural: "Accounts",
  purpose: "The chart of accounts: where every posting goes.",
  fields: [
    { ...code, required: true },
    name,
    {
      name: "type",
      label: "Type",
      kind: "choice",
      required: true,
      createOnly: true,
      choices: ["asset", "liability", "equity", "income", "expense"].map((type) => ({ value: type, label: humanize(type) })),
    },
    {
      name: "control",
      label: "Control account of",
      kind: "choice",
      choices: CONTROLS,
      hint: "Only their documents post there; fixed once something is posted",
    },
    { name: "parent", label: "Parent", kind: "reference", reference: "account", hint: "The account that it is grouped under" },
    { ...currency, hint: "Empty for any" },
  ],
  leads: [{ label: "Ledger", permission: "ledger.account.read", href: listOf("/ledger/account/", "code") }],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "type", label: "Type", kind: "choice", narrow: "detail" },
    { name: "control", label: "Control account of", kind: "choice", choices: CONTROLS },
    { name: "currency", label: "Currency", kind: "text" },
    ACTIVE,
  ],
};

export const bankAccounts: MasterKind = {
  collection: "ledger/bank-accounts",
  permission: "ledger.bank_account",
  retired: "member",
  route: "/ledger/bank-accounts/",
  singular: "Bank account",
  plural: "Bank accounts",
  purpose: "Where payments leave from and arrive.",
  fields: [
    { ...code, required: true },
    name,
    { name: "iban", label: "IBAN", kind: "text" },
    { ...currency, createOnly: true },
    { name: "account", label: "Ledger account", kind: "reference", reference: "account", required: true },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", narrow: "detail" },
    { name: "name", label: "Name", kind: "text" },
    { name: "iban", label: "IBAN", kind: "text" },
    { name: "account", label: "Ledger account", kind: "reference", narrow: "detail" },
    { name: "currency", label: "Currency", kind: "text", narrow: "end" },
    ACTIVE,
  ],
};

/** Decimal text of a whole number as the number that the server takes for a count. */
const whole = (value: unknown): unknown => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value);

export const units: MasterKind = {
  collection: "units",
  permission: "catalog.unit",
  route: "/units/",
  singular: "Unit",
  plural: "Units",
  purpose: "What quantities are counted and measured in. Units of one category convert into each other.",
  final: true,
  fields: [
    { ...code, required: true },
    { ...name, createOnly: true },
    { name: "category", label: "Category", kind: "text", required: true, createOnly: true, hint: "Such as count, mass, length" },
    { name: "numerator", label: "Base units in it", kind: "quantity", createOnly: true, hint: "12 for a dozen" },
    { name: "denominator", label: "Divided by", kind: "quantity", createOnly: true, hint: "1000 for a thousandth" },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "category", label: "Category", kind: "choice", narrow: "detail" },
    { name: "numerator", label: "Base units", kind: "quantity", narrow: "end" },
    { name: "denominator", label: "Divided by", kind: "quantity" },
  ],
  sent: (values) => ({ ...values, numerator: whole(values.numerator), denominator: whole(values.denominator) }),
};

const TAX_KINDS = [
  { value: "both", label: "Purchases and sales" },
  { value: "input", label: "Purchases" },
  { value: "output", label: "Sales" },
] as const;

export const taxCodes: MasterKind = {
  collection: "tax-codes",
  permission: "ledger.tax_code",
  retired: "member",
  route: "/tax-codes/",
  singular: "Tax code",
  plural: "Tax codes",
  purpose: "The rates of tax on purchases and sales, and the accounts that they are booked on.",
  fields: [
    { ...code, required: true },
    name,
    { name: "rate", label: "Rate, %", kind: "quantity", required: true, createOnly: true },
    { name: "kind", label: "On", kind: "choice", choices: TAX_KINDS, required: true, initial: () => "both" },
    { name: "country", label: "Country", kind: "choice", choices: COUNTRIES },
    { name: "input_account", label: "Account on purchases", kind: "reference", reference: "account", hint: "Empty for the one of the role input tax" },
    { name: "output_account", label: "Account on sales", kind: "reference", reference: "account", hint: "Empty for the one of the role output tax" },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "kind", label: "On", kind: "choice", choices: TAX_KINDS, narrow: "detail" },
    { name: "country", label: "Country", kind: "text", narrow: "detail" },
    { name: "rate", label: "Rate, %", kind: "quantity", narrow: "end" },
    ACTIVE,
  ],
};

export const locations: MasterKind = {
  collection: "inventory/locations",
  permission: "inventory.location",
  retired: "member",
  route: "/inventory/locations/",
  singular: "Location",
  plural: "Locations",
  purpose: "The warehouses and shelves where stock is kept.",
  fields: [{ ...code, required: true }, name, { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true, hint: "Empty for the only one" }],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "company", label: "Company", kind: "reference", narrow: "detail" },
    ACTIVE,
  ],
};

export const exchangeRates: MasterKind = {
  collection: "exchange-rates",
  permission: "ledger.exchange_rate",
  route: "/ledger/exchange-rates/",
  singular: "Exchange rate",
  plural: "Exchange rates",
  purpose: "What one unit of a currency is worth in another, from a day on.",
  final: true,
  fields: [
    { name: "base", label: "Currency", kind: "text", required: true, createOnly: true, hint: "Three letters, such as USD" },
    { name: "quote", label: "Worth in", kind: "text", required: true, createOnly: true, hint: "The company's currency, such as EUR" },
    { name: "rate", label: "Rate", kind: "price", required: true, createOnly: true, hint: "How many of the second one of the first is worth" },
    { name: "valid_on", label: "From", kind: "date", required: true, createOnly: true, initial: today },
  ],
  list: [
    { name: "base", label: "Currency", kind: "text", sortable: true },
    { name: "quote", label: "Worth in", kind: "text", sortable: true, narrow: "detail" },
    { name: "valid_on", label: "From", kind: "date", sortable: true, narrow: "detail" },
    { name: "rate", label: "Rate", kind: "price", narrow: "end" },
  ],
  sent: (values) => ({ ...values, base: String(values.base).toUpperCase(), quote: String(values.quote).toUpperCase() }),
};
