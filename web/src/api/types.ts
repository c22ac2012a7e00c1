/** What the pages read. Amounts, quantities and prices are decimal strings throughout. */

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status?: string;
}

export interface Company {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly currency: string;
  readonly country?: string;
}

export interface Session {
  readonly access_token: string;
  readonly expires_in: number;
  readonly user: User;
  readonly organization: Organization;
  readonly company?: Company;
  readonly organizations?: readonly Organization[];
}

export interface Page<Row> {
  readonly data: readonly Row[];
  readonly next_cursor: string | null;
}

export type Phase = "draft" | "review" | "active" | "done" | "void";

/** A reference as the API answers it: an id, a natural code, or both in an object. */
export type Ref = string | { readonly id: string; readonly code?: string; readonly name?: string };

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

export interface BusinessDocument extends Row {
  readonly type: string;
  readonly number: string | null;
  readonly state: string;
  readonly phase: Phase;
  readonly version: number;
  readonly title: string | null;
  readonly company: Ref;
  readonly currency: string;
  readonly document_date: string;
  readonly total: string;
  readonly created_at: string;
  readonly created_by: Ref;
  readonly updated_at: string;
  readonly links: readonly DocumentLink[];
  readonly explain?: Readonly<Record<string, Explanation>>;
  readonly effects?: Effects;
}

export interface DocumentLink {
  readonly kind: string;
  /** "to": this document names the other; "from": the other names it. */
  readonly direction: "to" | "from";
  readonly document: string;
  readonly type: string;
  readonly number: string | null;
  readonly phase: Phase;
}

export interface LinkedDocument {
  readonly id: string;
  readonly type: string;
  readonly number: string | null;
  readonly phase?: Phase;
  readonly state?: string;
  readonly total?: string | null;
  readonly currency?: string | null;
}

export interface Explanation {
  readonly value: string;
  readonly rows: readonly ExplanationRow[];
  readonly as_of?: string | null;
  readonly known_at?: string | null;
}

export interface ExplanationRow {
  readonly document: string;
  readonly document_type: string;
  readonly document_number: string | null;
  readonly line: string | null;
  readonly date: string;
  readonly amount: string;
}

/** Whether an action is open to me now; if not, why, and how many approvals it has and needs. */
export interface ActionOffer {
  readonly action: string;
  readonly label: string;
  readonly allowed: boolean;
  readonly reason: string | null;
  readonly code: string | null;
  readonly needs_reason: boolean;
  readonly approvals_given: number;
  readonly approvals_needed: number;
}

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly action?: string | null;
  readonly actor: Ref | null;
  readonly text?: string | null;
}

export interface AuditEntry {
  readonly id: string;
  readonly entry_no: number;
  readonly at: string;
  readonly actor: Ref | null;
  readonly command: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly created_at: string;
  readonly created_by?: Ref;
}

export interface Task {
  readonly id: string;
  readonly document: LinkedDocument;
  readonly action: string;
  readonly title?: string;
  readonly created_at: string;
  readonly created_by?: Ref;
  readonly party?: Ref | null;
}

export interface Effects {
  readonly journal_entries: readonly EffectEntry[];
  readonly stock_moves: readonly Readonly<Record<string, unknown>>[];
  readonly budget: readonly Readonly<Record<string, unknown>>[];
  readonly events: readonly (string | { readonly type: string })[];
  readonly tasks: readonly Readonly<Record<string, unknown>>[];
}

export interface EffectEntry {
  readonly book?: string;
  readonly entry_date?: string;
  readonly currency?: string;
  readonly lines: readonly { readonly account: Ref; readonly debit?: string | null; readonly credit?: string | null }[];
}

export interface TrialBalance {
  readonly company: Ref;
  readonly currency: string;
  readonly as_of: string;
  readonly rows: readonly TrialBalanceRow[];
  readonly total_debit: string;
  readonly total_credit: string;
}

export interface TrialBalanceRow {
  readonly account: string;
  readonly name: string;
  readonly debit: string;
  readonly credit: string;
  readonly balance: string;
}

export interface SearchHit {
  readonly kind?: string;
  readonly type: string;
  readonly id: string;
  readonly number?: string | null;
  readonly code?: string | null;
  readonly name?: string | null;
  readonly title?: string | null;
}
