import { today } from "@/lib/format";
import { compare, sum } from "@/lib/decimal";
import { balanceTotals, budgetTotal, decimalOf } from "../amounts";
import { type DocumentType, type LineColumn, numberColumn, stateColumn, type Values } from "./shape";

const ACCOUNT: LineColumn = { name: "account", label: "Account", kind: "reference", reference: "account", width: 12 };

const BOOKS = [
  { value: "actual", label: "Actual" },
  { value: "budget", label: "Budget" },
  { value: "commitment", label: "Commitment" },
];

const CONTROLS = [
  { value: "stop", label: "Stop" },
  { value: "warn", label: "Warn" },
  { value: "none", label: "Only watch" },
];

export const journalEntry: DocumentType = {
  code: "journal_entry",
  collection: "ledger/journal-entries",
  singular: "Journal entry",
  plural: "Journal entries",
  purpose: "Book something that no other document books. It is posted at once and corrected by its reversal.",
  header: [
    { name: "entry_date", label: "Entry date", kind: "date", required: true, initial: today },
    { name: "description", label: "Description", kind: "text", required: true },
    { name: "currency", label: "Currency", kind: "text", hint: "Empty for the company's" },
    { name: "company", label: "Company", kind: "reference", reference: "company" },
  ],
  facts: [{ name: "book", label: "Book", kind: "choice", choices: BOOKS }],
  linesName: "lines",
  lineLabel: "Posting",
  minLines: 2,
  lines: [
    { ...ACCOUNT, required: true },
    { name: "debit", label: "Debit", kind: "money", width: 8 },
    { name: "credit", label: "Credit", kind: "money", width: 8 },
    { name: "party", label: "Party", kind: "reference", reference: "party", width: 10 },
  ],
  carried: ["dimensions"],
  list: [
    { name: "entry_number", label: "Entry", kind: "text", sortable: true },
    { name: "number", label: "Document", kind: "text", sortable: true, narrow: "detail" },
    { name: "document_date", label: "Entry date", kind: "date", sortable: true, narrow: "detail" },
    { name: "book", label: "Book", kind: "choice", choices: BOOKS, sortable: true },
    { name: "description", label: "Description", kind: "text", sortable: true, narrow: "detail" },
    { name: "total", label: "Total", kind: "money", sortable: true, narrow: "end" },
  ],
  phases: [],
  presets: BOOKS.map(({ value, label }) => ({ label, condition: { field: "book", operator: "eq", value } })),
  sources: [],
  final: true,
  next: null,
  totals: balanceTotals,
};

/** Its amounts by month for as long as they add up to the amount of the year; an amount that was changed replaces them. */
function byMonthOrYear({ amount, amounts, ...line }: Values): Values {
  const months = Object.values((amounts as Readonly<Record<string, string>> | undefined) ?? {});
  const byMonth = months.length > 0 && compare(sum(months), decimalOf(amount) ?? "0") === 0;
  return byMonth ? { ...line, amounts } : { ...line, amount };
}

export const budget: DocumentType = {
  code: "budget",
  collection: "ledger/budgets",
  singular: "Budget",
  plural: "Budgets",
  purpose: "Say how much may be spent on what. Approved requisitions and orders hold their part of it.",
  header: [
    { name: "name", label: "Name", kind: "text", required: true },
    { name: "fiscal_year", label: "Fiscal year", kind: "text", required: true, initial: () => today().slice(0, 4), createOnly: true },
    {
      name: "control",
      label: "When it is exceeded",
      kind: "choice",
      choices: CONTROLS,
      required: true,
      initial: () => "stop",
    },
    { name: "currency", label: "Currency", kind: "text", hint: "Empty for the company's", createOnly: true },
    { name: "company", label: "Company", kind: "reference", reference: "company", createOnly: true },
  ],
  facts: [],
  linesName: "lines",
  lineLabel: "Budget line",
  minLines: 1,
  lines: [
    { name: "code", label: "Code", kind: "text", width: 8, required: true },
    { name: "name", label: "Name", kind: "text", width: 10 },
    ACCOUNT,
    { name: "amount", label: "Amount", kind: "money", width: 8, required: true },
    { name: "budgeted", label: "Budgeted", kind: "money", width: 8, readOnly: true, explain: true },
    { name: "pre_encumbered", label: "Requested", kind: "money", width: 8, readOnly: true, explain: true },
    { name: "encumbered", label: "Ordered", kind: "money", width: 8, readOnly: true, explain: true },
    { name: "actual", label: "Actual", kind: "money", width: 8, readOnly: true, explain: true },
    { name: "remaining", label: "Remaining", kind: "money", width: 8, readOnly: true, explain: true },
  ],
  carried: ["amounts", "dimensions"],
  sent: byMonthOrYear,
  list: [
    numberColumn,
    { name: "name", label: "Name", kind: "text", sortable: true, narrow: "detail" },
    stateColumn,
    { name: "fiscal_year", label: "Fiscal year", kind: "text", sortable: true, narrow: "detail" },
    { name: "control", label: "Control", kind: "choice", choices: CONTROLS, sortable: true },
    { name: "total", label: "Total", kind: "money", sortable: true, narrow: "end" },
  ],
  phases: [
    { value: "draft", label: "Draft" },
    { value: "active", label: "Approved" },
    { value: "void", label: "Void" },
  ],
  sources: [],
  next: "approve",
  totals: budgetTotal,
};
