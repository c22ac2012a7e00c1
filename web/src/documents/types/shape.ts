import type { Condition } from "@/api/filters";
import type { ReferenceKind } from "@/api/references";
import type { BusinessDocument } from "@/api/types";
import type { Choice } from "@/ui/input";

export type Values = Readonly<Record<string, unknown>>;

/** One field of a header or a line, described once for form, page, list and grid. */
export interface FieldSpec {
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "date" | "instant" | "money" | "price" | "quantity" | "reference" | "choice" | "choices";
  readonly reference?: ReferenceKind;
  readonly choices?: readonly Choice[];
  readonly required?: boolean;
  readonly hint?: string;
  readonly initial?: () => string;
  /** Derived or decided by the server: shown, never entered. */
  readonly readOnly?: boolean;
  /** A derived number that tells the rows behind it. */
  readonly explain?: boolean;
  /** Entered once: a document of this type cannot change it later. */
  readonly createOnly?: boolean;
}

export interface LineColumn extends FieldSpec {
  /** Share of the width in the grid, in rem. */
  readonly width: number;
  /** What choosing a record here also fills in, where the cell is still empty. */
  readonly fills?: (row: Values) => Values;
}

export interface ListColumn extends FieldSpec {
  /** Whether the server sorts by it; the name of the field that it sorts by, where that is another. */
  readonly sortable?: boolean | string;
  readonly narrow?: "end" | "detail";
}

export interface Total {
  readonly label: string;
  readonly value: string;
  /** Of the document's currency when it is none. */
  readonly kind?: "quantity";
  readonly wrong?: boolean;
}

export interface Draft {
  readonly header: Values;
  readonly lines: readonly Values[];
}

/** How a document begins from another: lines taken over with what is still open. */
export interface Source {
  readonly type: string;
  readonly reference: ReferenceKind;
  readonly label: string;
  /** What beginning it does to the source: "Receive" an order, "Pay" an invoice. */
  readonly verb: string;
  /** Without lines when nothing of the source is open. */
  readonly draft: (source: SourceDocument) => Draft;
}

export type SourceDocument = BusinessDocument & { readonly lines: readonly Values[] };

export interface Preset {
  readonly label: string;
  readonly condition: Condition;
}

export interface DocumentType {
  readonly code: string;
  readonly collection: string;
  readonly singular: string;
  readonly plural: string;
  readonly purpose: string;
  readonly header: readonly FieldSpec[];
  /** Key figures beside the header, those that the document has. */
  readonly facts: readonly FieldSpec[];
  readonly linesName: "lines" | "allocations";
  readonly lineLabel: string;
  readonly minLines: number;
  readonly lines: readonly LineColumn[];
  /** Members of a line that go back to the server though no column shows them. */
  readonly carried: readonly string[];
  /** A line as the server takes it, where that differs from what the form holds. */
  readonly sent?: (line: Values) => Values;
  readonly list: readonly ListColumn[];
  /** The phases that its documents go through, by the names of their shipped states. */
  readonly phases: readonly Choice[];
  /** Conditions that are asked for every day, by what people call them. */
  readonly presets?: readonly Preset[];
  readonly sources: readonly Source[];
  /** Recorded in its final phase at once: there is no draft to come back to. */
  readonly final?: boolean;
  /** What of the header an approved one may change beside its lines, for a reason and to be approved anew; none where it may not. */
  readonly amendable?: readonly string[];
  /** The action that usually follows saving. */
  readonly next: "submit" | "post" | "approve" | null;
  readonly totals: (lines: readonly Values[], header: Values, digits: number) => readonly Total[];
}

export const numberColumn: ListColumn = { name: "number", label: "Number", kind: "text", sortable: true };
export const stateColumn: ListColumn = { name: "state", label: "Status", kind: "text", sortable: true, narrow: "detail" };

/** Reviewed before it binds: requisitions, orders. */
export const REVIEWED: readonly Choice[] = [
  { value: "draft", label: "Draft" },
  { value: "review", label: "In review" },
  { value: "active", label: "Approved" },
  { value: "done", label: "Closed" },
  { value: "void", label: "Cancelled" },
];

/** Recorded and posted: receipts, invoices, payments. */
export const POSTED: readonly Choice[] = [
  { value: "draft", label: "Draft" },
  { value: "active", label: "Posted" },
  { value: "void", label: "Void" },
];
