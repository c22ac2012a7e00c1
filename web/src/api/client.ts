import createClient from "openapi-fetch";
import { toApiError, unreachable } from "./errors";
import type { paths } from "./schema";
import { session } from "./session";
import type { Session } from "./types";

const AUTH = "/api/v1/auth/";
const UNAUTHORIZED = 401;

let refreshing: Promise<boolean> | null = null;

/** A new access token from the refresh cookie; calls that meet share one request. False when nobody is signed in. */
export function refresh(): Promise<boolean> {
  refreshing ??= renew().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<boolean> {
  const answer = await fetch(`${AUTH}refresh`, { method: "POST" });
  if (!answer.ok) {
    if (answer.status === UNAUTHORIZED) session.leave();
    return false;
  }
  const renewed = (await answer.json()) as Session;
  const slug = session.tabOrganization();
  session.enter(renewed);
  // Another tab may have moved the cookie to another organization: this tab stays where its user works.
  if (slug && slug !== renewed.organization.slug) await enterOrganization(slug);
  return true;
}

/** A token for another of my organizations, for this tab. */
export async function enterOrganization(slug: string): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/organizations/{slug}/token", { params: { path: { slug } } })));
}

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await authorized(request);
  const isAuth = new URL(request.url).pathname.startsWith(AUTH);
  if (answer.status !== UNAUTHORIZED || isAuth || !(await refresh())) return answer;
  return authorized(again);
}

async function authorized(request: Request): Promise<Response> {
  const { token } = session.get();
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

/** The generated client. Every answer other than success is thrown as an ApiError. */
export const api = createClient<paths>({ fetch: send });

api.use({
  async onResponse({ response }) {
    if (response.ok) return;
    const text = await response.text();
    throw toApiError(response.status, parseJson(text), response.headers.get("x-request-id"));
  },
});

/** What a call answered; a refusal was thrown before. */
export async function answered<Data>(call: Promise<{ data?: Data }>): Promise<Data> {
  return (await call).data as Data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
