import { api } from "./client";
import { withNames } from "./names";
import { commandParams, type WriteOptions } from "./resources";
import type { ActionOffer, Attachment, AuditEntry, BusinessDocument, Explanation, TimelineEntry } from "./types";

/** All documents answer alike under their collection; the type of one stands for all of them. */
const actionPath = (collection: string, action: string) =>
  `/api/v1/${collection}/{id}/${action}` as "/api/v1/procurement/requisitions/{id}/submit";

export async function getDocument(id: string): Promise<BusinessDocument> {
  const { data } = await api.GET("/api/v1/documents/{id}", { params: { path: { id } } });
  return withNames(data as unknown as BusinessDocument);
}

/** The rows behind each derived number of a document, by JSON pointer. */
export async function explainDocument(collection: string, id: string): Promise<Readonly<Record<string, Explanation>>> {
  const path = `/api/v1/${collection}/{id}` as "/api/v1/procurement/requisitions/{id}";
  const { data } = await api.GET(path, { params: { path: { id }, query: { explain: true } as never } });
  return (data as unknown as BusinessDocument).explain ?? {};
}

export async function act(
  collection: string,
  id: string,
  action: string,
  body: object,
  options: WriteOptions,
): Promise<BusinessDocument> {
  const { data } = await api.POST(actionPath(collection, action), {
    params: { ...commandParams(options), path: { id } } as never,
    body: body as never,
  });
  return withNames(data as unknown as BusinessDocument);
}

export async function listActions(id: string): Promise<readonly ActionOffer[]> {
  const { data } = await api.GET("/api/v1/documents/{id}/actions", { params: { path: { id } } });
  return (data as unknown as { data: readonly ActionOffer[] }).data;
}

export async function listTimeline(id: string): Promise<readonly TimelineEntry[]> {
  const { data } = await api.GET("/api/v1/documents/{id}/timeline", { params: { path: { id } } });
  return withNames((data as unknown as { data: readonly TimelineEntry[] }).data);
}

export async function listAudit(id: string): Promise<readonly AuditEntry[]> {
  const { data } = await api.GET("/api/v1/documents/{id}/audit", { params: { path: { id } } });
  return withNames((data as unknown as { data: readonly AuditEntry[] }).data);
}

export async function addComment(id: string, body: string, key: string): Promise<void> {
  await api.POST("/api/v1/documents/{id}/comments", {
    params: { path: { id }, header: { "Idempotency-Key": key } } as never,
    body: { body } as never,
  });
}

export async function listAttachments(id: string): Promise<readonly Attachment[]> {
  const { data } = await api.GET("/api/v1/documents/{id}/attachments", { params: { path: { id } } });
  return (data as unknown as { data: readonly Attachment[] }).data;
}

export async function attach(id: string, file: File): Promise<void> {
  await api.POST("/api/v1/documents/{id}/attachments", {
    params: { path: { id } },
    body: { file } as never,
    bodySerializer: () => {
      const form = new FormData();
      form.append("file", file);
      return form;
    },
  });
}

export async function downloadAttachment(id: string, attachment: Attachment): Promise<void> {
  const { data } = await api.GET("/api/v1/documents/{id}/attachments/{attachment_id}", {
    params: { path: { id, attachment_id: attachment.id } },
    parseAs: "blob",
  });
  const url = URL.createObjectURL(data as unknown as Blob);
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = attachment.name;
  anchor.click();
  URL.revokeObjectURL(url);
}
