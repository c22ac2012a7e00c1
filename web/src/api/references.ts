import { formatAmount } from "@/lib/format";
import { refLabel } from "./names";
import { type Conditions, getRow, listRows } from "./resources";
import type { Ref, Row } from "./types";

/** How each kind of reference is found and told: its collection, and the member that people know it by. */
const KINDS = {
  party: { collection: "parties", code: "code", name: "name" },
  supplier: { collection: "parties", code: "code", name: "name", where: { roles: "supplier" } },
  customer: { collection: "parties", code: "code", name: "name", where: { roles: "customer" } },
  item: { collection: "items", code: "sku", name: "name" },
  unit: { collection: "units", code: "code", name: "name" },
  account: { collection: "ledger/accounts", code: "code", name: "name" },
  tax_code: { collection: "tax-codes", code: "code", name: "name" },
  payment_terms: { collection: "payment-terms", code: "code", name: "name" },
  currency: { collection: "currencies", code: "code", name: "name" },
  company: { collection: "companies", code: "code", name: "name" },
  location: { collection: "inventory/locations", code: "code", name: "name" },
  bank_account: { collection: "ledger/bank-accounts", code: "code", name: "name" },
  requisition: { collection: "procurement/requisitions", code: "number", name: "title", where: { phase: "active" } },
  purchase_order: { collection: "procurement/purchase-orders", code: "number", name: "supplier", where: { phase: "active" } },
  supplier_invoice: {
    collection: "billing/supplier-invoices",
    code: "number",
    name: "supplier_reference",
    where: { phase: "active", balance: "gte:0.01" },
    hint: (row: Row) => `${formatAmount(String(row.balance), String(row.currency))} open, ${refLabel(row.supplier)}`,
  },
  payment: {
    collection: "billing/payments",
    code: "number",
    name: "party",
    where: { phase: "active", direction: "outgoing" },
    hint: (row: Row) => formatAmount(String(row.amount), String(row.currency)),
  },
} as const satisfies Record<string, { collection: string; code: string; name: string; where?: Conditions; hint?: (row: Row) => string }>;

export type ReferenceKind = keyof typeof KINDS | "budget_line";

/** A record that a lookup found. */
export interface Found {
  readonly ref: Exclude<Ref, string>;
  readonly row: Row;
  /** What helps to choose: what is left of a budget line, what is open of an invoice and to whom, that a record is out of use. */
  readonly hint?: string;
}

const FOUND_AT_ONCE = 12;

export async function findReferences(kind: ReferenceKind, typed: string): Promise<Found[]> {
  if (kind === "budget_line") return findBudgetLines(typed);
  const { collection, code, name, ...rest } = KINDS[kind];
  const where: Conditions = "where" in rest ? rest.where : {};
  const page = await listRows(collection, { limit: FOUND_AT_ONCE, where, ...(typed ? { q: typed } : {}) });
  const hintOf = (row: Row) => (row.active === false ? "Inactive" : "hint" in rest ? rest.hint(row) : undefined);
  return page.data.map((row) => {
    const hint = hintOf(row);
    return { row, ref: { id: row.id, code: refLabel(row[code]) || row.id, name: refLabel(row[name]) }, ...(hint ? { hint } : {}) };
  });
}

/** What an id alone stands for, with the names that people know it by; the id itself where it may not be read. */
export async function namedReference(kind: ReferenceKind, id: string): Promise<Ref> {
  if (kind === "budget_line") return id;
  const { collection, code, name } = KINDS[kind];
  try {
    const row = await getRow(collection, id);
    return { id, code: refLabel(row[code]), name: refLabel(row[name]) };
  } catch {
    return id;
  }
}

const BUDGETS = 6;

/** The lines of the latest budgets in force: they have no list of their own, but are read with their budgets. */
async function findBudgetLines(typed: string): Promise<Found[]> {
  const { data: budgets } = await listRows("ledger/budgets", { where: { phase: "active" }, sort: "-document_date", limit: BUDGETS });
  const documents = await Promise.all(budgets.map(({ id }) => getRow<BudgetRow>("ledger/budgets", id)));
  return documents
    .flatMap(({ name, currency, lines }) =>
      lines.map((row) => ({
        row,
        ref: { id: row.id, code: row.code, ...(row.name ? { name: row.name } : {}) },
        hint: `${formatAmount(row.remaining, currency)} left, ${name}`,
      })),
    )
    .filter(({ row }) => `${row.code} ${row.name ?? ""}`.toLowerCase().includes(typed.toLowerCase()))
    .slice(0, FOUND_AT_ONCE);
}

interface BudgetRow extends Row {
  readonly name: string;
  readonly currency: string;
  readonly lines: readonly (Row & { readonly code: string; readonly name: string | null; readonly remaining: string })[];
}
