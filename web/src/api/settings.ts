import { answered, api } from "./client";
import { commandParams, type WriteOptions } from "./resources";
import type { components } from "./schema";
import type { Row } from "./types";

export type ApiKey = components["schemas"]["ApiKeyView"];

export const listApiKeys = async (): Promise<readonly ApiKey[]> => (await answered(api.GET("/api/v1/access/api-keys"))).data;

/** `companies` are ids; null is all of them. */
export const createApiKey = (name: string, roles: readonly string[], companies: readonly string[] | null) =>
  answered(api.POST("/api/v1/access/api-keys", { body: { name, roles: [...roles], ...(companies ? { scopes: { companies: [...companies] } } : {}) } }));

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

export interface Delivery extends Row {
  readonly endpoint: string;
  readonly event: { readonly type: string };
  readonly subject: { readonly type: string; readonly id: string; readonly number: string | null };
  readonly state: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: string;
  readonly log: readonly Attempt[];
}

/** One try of a delivery: what the endpoint answered, or why there was no answer. */
export interface Attempt {
  readonly number: number;
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly response: string | null;
  readonly duration_ms: number;
}

export async function replayDelivery(id: string): Promise<void> {
  await api.POST("/api/v1/webhooks/deliveries/{id}/replay", { params: { path: { id } } });
}

export interface ReplayRange {
  readonly since: string;
  readonly until: string;
  readonly states: ("dead" | "delivered")[];
}

/** How many deliveries of the range are sent again; a dry run only counts them. */
export async function replayRange(endpoint: string, range: ReplayRange, options: WriteOptions): Promise<number> {
  const params = { ...commandParams(options), path: { id: endpoint } };
  return (await answered(api.POST("/api/v1/webhooks/endpoints/{id}/replay", { params, body: range }))).replayed ?? 0;
}

export async function setPeriod(id: string, action: "close" | "reopen", reason: string): Promise<void> {
  const call = { params: { path: { id } }, body: { reason } };
  if (action === "close") await api.POST("/api/v1/ledger/periods/{id}/close", call);
  else await api.POST("/api/v1/ledger/periods/{id}/reopen", call);
}
