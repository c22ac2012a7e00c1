import type { FieldSpec, ListColumn } from "@/documents/types/shape";
import { humanize } from "@/lib/format";

/** A kind of master record: what its list shows and what its form holds. */
export interface MasterKind {
  readonly collection: string;
  /** Where its pages are; not every collection has its own place in the navigation. */
  readonly route: string;
  readonly singular: string;
  readonly plural: string;
  readonly purpose: string;
  readonly fields: readonly FieldSpec[];
  readonly list: readonly ListColumn[];
}

const code: FieldSpec = { name: "code", label: "Code", kind: "text", createOnly: true };
const name: FieldSpec = { name: "name", label: "Name", kind: "text", required: true };
const currency: FieldSpec = { name: "currency", label: "Currency", kind: "text" };

export const parties: MasterKind = {
  collection: "parties",
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
    { name: "country", label: "Country", kind: "text", required: true, hint: "Two letters, such as DE" },
    currency,
    { name: "payment_terms", label: "Payment terms", kind: "reference", reference: "payment_terms" },
    { name: "tax_id", label: "Tax id", kind: "text" },
    { name: "iban", label: "IBAN", kind: "text" },
    { name: "email", label: "Email", kind: "text" },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "roles", label: "Roles", kind: "choices", narrow: "detail" },
    { name: "country", label: "Country", kind: "text", narrow: "detail" },
    { name: "payment_terms", label: "Payment terms", kind: "reference" },
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
  list: [
    { name: "sku", label: "SKU", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "kind", label: "Kind", kind: "choice", choices: ITEM_KINDS, narrow: "detail" },
    { name: "unit", label: "Unit", kind: "reference", narrow: "detail" },
    { name: "valuation", label: "Valuation", kind: "choice", choices: VALUATIONS },
    { name: "sales_price", label: "Sales price", kind: "price", narrow: "end" },
  ],
};

export const accounts: MasterKind = {
  collection: "ledger/accounts",
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
    { name: "parent", label: "Parent", kind: "reference", reference: "account" },
    { ...currency, hint: "Empty for any" },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", sortable: true, narrow: "detail" },
    { name: "name", label: "Name", kind: "text", sortable: true },
    { name: "type", label: "Type", kind: "choice", narrow: "detail" },
    { name: "control", label: "Control", kind: "choice" },
    { name: "currency", label: "Currency", kind: "text" },
  ],
};

export const bankAccounts: MasterKind = {
  collection: "ledger/bank-accounts",
  route: "/ledger/bank-accounts/",
  singular: "Bank account",
  plural: "Bank accounts",
  purpose: "Where payments leave from and arrive.",
  fields: [
    { ...code, required: true },
    name,
    { name: "iban", label: "IBAN", kind: "text" },
    { ...currency, createOnly: true },
    { name: "account", label: "Ledger account", kind: "reference", reference: "account", createOnly: true },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  list: [
    { name: "code", label: "Code", kind: "text", narrow: "detail" },
    { name: "name", label: "Name", kind: "text" },
    { name: "iban", label: "IBAN", kind: "text" },
    { name: "account", label: "Ledger account", kind: "reference", narrow: "detail" },
    { name: "currency", label: "Currency", kind: "text", narrow: "end" },
  ],
};
