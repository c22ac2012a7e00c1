import { saveFile } from "@/lib/save-file";
import { answered, api } from "./client";
import { withNames } from "./names";
import { commandParams, type WriteOptions } from "./resources";
import type { Attachment, AuditEntry, BusinessDocument, Chain, Explanation, Offers, TimelineEntry } from "./types";

/** All documents answer alike under their collection; the type of one stands for all of them. */
const documentPath = (collection: string) => `/api/v1/${collection}/{id}` as "/api/v1/procurement/requisitions/{id}";
const actionPath = (collection: string, action: string) =>
  `/api/v1/${collection}/{id}/${action}` as "/api/v1/procurement/requisitions/{id}/submit";

const of = (id: string) => ({ params: { path: { id } } });

export const getDocument = async (id: string): Promise<BusinessDocument> =>
  withNames(await answered(api.GET("/api/v1/documents/{id}", of(id)))) as BusinessDocument;

/** The day a derived number is asked for, and the instant until which records count; left out, both are now. */
export interface AskedFor {
  readonly as_of?: string;
  readonly known_at?: string;
}

/** The rows behind each derived number of a document, by JSON pointer. */
export async function explainDocument(collection: string, id: string, asked: AskedFor): Promise<Readonly<Record<string, Explanation>>> {
  const document = await answered(api.GET(documentPath(collection), { params: { path: { id }, query: { ...asked, explain: true } } }));
  return (document as BusinessDocument).explain ?? {};
}

/** Stands in for a reason in a dry run, which keeps nothing. */
export const PREVIEW_REASON = "Preview";

export async function act(
  collection: string,
  id: string,
  action: string,
  body: object,
  options: WriteOptions,
): Promise<BusinessDocument> {
  const document = await answered(
    api.POST(actionPath(collection, action), { params: { ...commandParams(options), path: { id } }, body }),
  );
  return withNames(document) as BusinessDocument;
}

export const listActions = async (id: string): Promise<Offers> =>
  (await answered(api.GET("/api/v1/documents/{id}/actions", of(id)))) as unknown as Offers;

export const listTimeline = async (id: string): Promise<readonly TimelineEntry[]> =>
  withNames((await answered(api.GET("/api/v1/documents/{id}/timeline", of(id)))).data);

export const listAudit = async (id: string): Promise<readonly AuditEntry[]> =>
  withNames((await answered(api.GET("/api/v1/documents/{id}/audit", of(id)))).data);

/** Every document that this one is connected with, over however many steps. */
export const getChain = (id: string): Promise<Chain> => answered(api.GET("/api/v1/documents/{id}/links", of(id)));

export async function addComment(id: string, body: string, key: string): Promise<void> {
  await api.POST("/api/v1/documents/{id}/comments", {
    params: { path: { id }, header: { "Idempotency-Key": key } },
    body: { body },
  });
}

export const listAttachments = async (id: string): Promise<readonly Attachment[]> =>
  withNames((await answered(api.GET("/api/v1/documents/{id}/attachments", of(id)))).data);

export async function attach(id: string, file: File): Promise<void> {
  const form = new FormData();
  form.append("file", file);
  await api.POST("/api/v1/documents/{id}/attachments", { ...of(id), body: form as never, bodySerializer: () => form });
}

export async function downloadAttachment(id: string, attachment: Attachment): Promise<void> {
  const file = await answered(
    api.GET("/api/v1/documents/{id}/attachments/{attachment}", {
      params: { path: { id, attachment: attachment.id } },
      parseAs: "blob",
    }),
  );
  saveFile(file as Blob, attachment.name);
}
