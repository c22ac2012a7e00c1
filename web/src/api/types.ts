import type { components } from "./schema";

/** What the pages read, named as the pages name it. Amounts, quantities and prices are decimal strings throughout. */
type Schemas = components["schemas"];

/** A reference: its id, or the id with the names that the answer tells beside it. */
export type Ref = string | { readonly id: string; readonly code?: string; readonly name?: string };

type NameSuffix = "name" | "code" | "number" | "sku";

type IsNamed<Members, Member extends string> = Extract<keyof Members, `${Member}_${NameSuffix}`> extends never ? false : true;

/** An answer whose references carry their names: see `withNames`. */
export type Named<Answer> = Answer extends readonly (infer One)[]
  ? readonly Named<One>[]
  : Answer extends object
    ? {
        readonly [Member in keyof Answer]: Member extends string
          ? IsNamed<Answer, Member> extends true
            ? Ref | Extract<Answer[Member], null | undefined>
            : Named<Answer[Member]>
          : never;
      }
    : Answer;

export interface Page<Row> {
  readonly data: readonly Row[];
  readonly next_cursor: string | null;
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

export type User = Schemas["UserView"];
export type Organization = Schemas["OrganizationView"];
export type Session = Schemas["SessionView"];
export type SignUp = Schemas["SignUp"];
export type FoundOrganization = Schemas["FoundOrganization"];

/** Any document as its page reads it: the members of all, and those of its type by name. */
export type BusinessDocument = Row &
  Named<Schemas["DocumentView"]> & {
    readonly explain?: Readonly<Record<string, Explanation>>;
    readonly effects?: Effects;
  };

export type DocumentLink = Schemas["LinkView"];
export type Chain = Schemas["Chain"];
export type Explanation = Schemas["Explained"];
export type ExplanationRow = Explanation["rows"][number];
/** The states of a document's workflow in order, and what may be done in the present one. */
export type Offers = Omit<Schemas["Actions"], "states"> & { readonly states: readonly WorkflowState[] };
export type WorkflowState = Readonly<Record<"code" | "name" | "phase", string>>;
export type ActionOffer = Schemas["ActionView"];
export type TimelineEntry = Named<Schemas["TimelineEntry"]>;
export type AuditEntry = Named<Schemas["AuditEntry"]>;
export type Attachment = Named<Schemas["AttachmentView"]>;
export type Task = Named<Schemas["TaskView"]>;
export type SearchHit = Schemas["Hit"];
export type Match = Schemas["MatchView"];

/** What a dry run tells: the contract describes it in words only. */
export interface Effects {
  readonly journal_entries: readonly EffectEntry[];
  readonly stock_moves: readonly EffectMove[];
  /** By member (actual, encumbered, …) the amount that it changes by; or what a warning is about. */
  readonly budget: readonly ({ readonly budget_line: string; readonly code?: string; readonly warning?: string } & Readonly<Record<string, string>>)[];
  readonly events: readonly { readonly type: string }[];
  readonly tasks: readonly { readonly action: string }[];
}

export interface EffectEntry {
  readonly book: string;
  readonly effective_on: string;
  readonly currency: string;
  readonly lines: readonly EffectLine[];
}

export interface EffectMove {
  readonly sku: string;
  readonly quantity: string;
  readonly unit: string;
  readonly value: string;
  readonly currency: string;
}

export interface EffectLine {
  readonly account: string;
  readonly account_name: string;
  readonly debit?: string;
  readonly credit?: string;
}
