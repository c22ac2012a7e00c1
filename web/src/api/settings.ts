import { answered, api } from "./client";
import type { components } from "./schema";
import type { Row } from "./types";

export type ApiKey = components["schemas"]["ApiKeyView"];

export const listApiKeys = async (): Promise<readonly ApiKey[]> => (await answered(api.GET("/api/v1/access/api-keys"))).data;

export const createApiKey = (name: string, roles: readonly string[]) =>
  answered(api.POST("/api/v1/access/api-keys", { body: { name, roles: [...roles] } }));

export async function revokeApiKey(id: string): Promise<void> {
  await api.DELETE("/api/v1/access/api-keys/{id}", { params: { path: { id } } });
}

export interface Endpoint extends Row {
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly disabled_reason: string | null;
  readonly version: number;
  /** Only in the answer that made it. */
  readonly secret?: string;
}

export const rotateSecret = async (id: string): Promise<Endpoint> =>
  (await answered(api.POST("/api/v1/webhooks/endpoints/{id}/rotate-secret", { params: { path: { id } } }))) as unknown as Endpoint;

export async function replayDelivery(id: string): Promise<void> {
  await api.POST("/api/v1/webhooks/deliveries/{id}/replay", { params: { path: { id } } });
}

export async function setPeriod(id: string, action: "close" | "reopen", reason: string): Promise<void> {
  const call = { params: { path: { id } }, body: { reason } };
  if (action === "close") await api.POST("/api/v1/ledger/periods/{id}/close", call);
  else await api.POST("/api/v1/ledger/periods/{id}/reopen", call);
}
