import type { BusinessDocument } from "@/api/types";
import { humanize } from "@/lib/format";
import { payment, supplierInvoice } from "./types/billing";
import { budget, journalEntry } from "./types/ledger";
import { goodsReceipt, purchaseOrder, requisition } from "./types/procurement";
import type { DocumentType, SourceDocument } from "./types/shape";

/** Every type of document that has pages: one list page, one document page and one form serve them all. */
export const DOCUMENT_TYPES: readonly DocumentType[] = [
  requisition,
  purchaseOrder,
  goodsReceipt,
  supplierInvoice,
  payment,
  budget,
  journalEntry,
];

export const typeOf = (code: string): DocumentType | undefined => DOCUMENT_TYPES.find((type) => type.code === code);

/** The type of a collection that has pages; their routes exist for no other. */
export function typeOfCollection(collection: string): DocumentType {
  const type = DOCUMENT_TYPES.find((candidate) => candidate.collection === collection);
  if (!type) throw new RangeError(`no type of document has the collection ${collection}`);
  return type;
}

/** A state as people call it: one of an organization's own workflow by its code, a shipped one by the name of its phase. */
export const stateLabel = (code: string, state: string, phase: string): string =>
  (state === phase ? typeOf(code)?.phases.find(({ value }) => value === phase)?.label : undefined) ?? humanize(state);

export const listHref = (type: DocumentType): string => `/${type.collection}/`;

export const newHref = (type: DocumentType): string => `/${type.collection}/new/`;

/** Who lacks it is offered no way to do it. */
export const permissionTo = (deed: "create" | "update" | "amend", type: DocumentType): string => `${type.collection.split("/")[0]}.${type.code}.${deed}`;

/** Changed in an edit of its own while it is a draft, and by an amendment while it binds. */
export const isAmended = (type: DocumentType, document: BusinessDocument): boolean => document.phase === "active" && type.amendable !== undefined;

export const editHref = (type: DocumentType, id: string): string => `/${type.collection}/edit/?id=${id}`;

/** The page of any document; one whose type has no page of its own is looked up by its id. */
export function documentHref(code: string | null | undefined, id: string): string {
  const type = code ? typeOf(code) : undefined;
  return type ? `/${type.collection}/view/?id=${id}` : `/documents/view/?id=${id}`;
}

export const beginHref = (type: DocumentType, source: string, id: string): string =>
  `${newHref(type)}?source=${source}&from=${id}`;

export interface Successor {
  readonly type: DocumentType;
  readonly label: string;
}

/** What may be begun from a document because something of it is still open. */
export const successorsOf = (document: BusinessDocument): readonly Successor[] =>
  DOCUMENT_TYPES.flatMap((type) =>
    type.sources
      .filter((source) => source.type === document.type && source.draft(document as SourceDocument).lines.length > 0)
      .map((source) => ({ type, label: source.verb })),
  );

/** The two parts of each collection's address, for the routes of the export. */
export const collectionParams = (): { context: string; collection: string }[] =>
  DOCUMENT_TYPES.map((type) => {
    const [context = "", collection = ""] = type.collection.split("/");
    return { context, collection };
  });
