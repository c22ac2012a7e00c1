import createClient from "openapi-fetch";
import { type ApiError, KEY_REUSED, toApiError, unreachable } from "./errors";
import { spend } from "./idempotency";
import type { paths } from "./schema";
import { session } from "./session";
import type { Session } from "./types";

const AUTH = "/api/v1/auth/";
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
/** What is asked without a token, or with another than the access token: a new one would not help. */
const DOORS: readonly string[] = ["signup", "login", "refresh", "logout"].map((door) => AUTH + door);

let refreshing: Promise<boolean> | null = null;

/** A new access token from the refresh cookie; calls that meet share one request. False when nobody is signed in. */
export function refresh(): Promise<boolean> {
  refreshing ??= renew().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<boolean> {
  const answer = await reach(new Request(`${AUTH}refresh`, { method: "POST" }));
  if (answer.status === UNAUTHORIZED) {
    session.leave();
    return false;
  }
  if (!answer.ok) throw await refusalOf(answer);
  session.enter(await ofThisTab((await answer.json()) as Session));
  return true;
}

/**
 * Another tab may have moved the cookie to another organization: this tab stays where its user works, and asks nothing
 * in the other one's name meanwhile. Who is no longer a member there goes where the cookie leads.
 */
async function ofThisTab(renewed: Session): Promise<Session> {
  const slug = session.tabOrganization();
  if (!slug || slug === renewed.organization.slug) return renewed;
  const headers = { Authorization: `Bearer ${renewed.access_token}` };
  const answer = await reach(new Request(`/api/v1/organizations/${slug}/token`, { method: "POST", headers }));
  if (answer.ok) return (await answer.json()) as Session;
  if (answer.status === NOT_FOUND || answer.status === UNAUTHORIZED) return renewed;
  throw await refusalOf(answer);
}

/** A token for another of my organizations, for this tab. */
export async function enterOrganization(slug: string): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/organizations/{slug}/token", { params: { path: { slug } } })));
}

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await authorized(request);
  const isDoor = DOORS.includes(new URL(request.url).pathname);
  if (answer.status !== UNAUTHORIZED || isDoor || !(await refresh())) return answer;
  return authorized(again);
}

async function authorized(request: Request): Promise<Response> {
  const { token } = session.get();
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  return reach(request);
}

async function reach(request: Request): Promise<Response> {
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
  async onResponse({ request, response }) {
    if (response.ok) return;
    const refusal = await refusalOf(response);
    if (refusal.code === KEY_REUSED) spend(request.headers.get("Idempotency-Key") ?? "");
    throw refusal;
  },
});

const refusalOf = async (response: Response): Promise<ApiError> =>
  toApiError(response.status, parseJson(await response.text()), response.headers.get("x-request-id"));

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
