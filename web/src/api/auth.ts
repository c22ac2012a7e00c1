import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { answered, api } from "./client";
import { session } from "./session";
import type { FoundOrganization, Organization, SignUp } from "./types";

export const useSession = () => useSyncExternalStore(session.subscribe, session.get, session.initial);

/** The days of a first company are those of its founder. */
const located = <Body extends FoundOrganization>(body: Body): Body => ({
  ...body,
  company: { ...body.company, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
});

export async function signUp(body: SignUp): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/auth/signup", { body: located(body) })));
}

/** Enters one of my organizations and answers all of them. */
export async function signIn(email: string, password: string): Promise<readonly Organization[]> {
  const entered = await answered(api.POST("/api/v1/auth/login", { body: { email, password } }));
  session.enter(entered);
  return entered.organizations;
}

/** One more organization of mine, entered at once. */
export async function foundOrganization(body: FoundOrganization): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/organizations", { body: located(body) })));
}

/** Mine, and every other session of mine ends. */
export async function changePassword(password: string, next: string): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/auth/password", { body: { password, new_password: next } })));
}

export async function signOut(): Promise<void> {
  await api.POST("/api/v1/auth/logout");
  session.forget();
}

async function listOrganizations(): Promise<readonly Organization[]> {
  return (await answered(api.GET("/api/v1/organizations"))).data;
}

export const useOrganizations = () => useQuery({ queryKey: ["organizations"], queryFn: listOrganizations, staleTime: 60_000 });
