import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api } from "./client";
import { session } from "./session";
import type { Organization, Session } from "./types";

export const useSession = () => useSyncExternalStore(session.subscribe, session.get, session.initial);

export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly organization: { readonly name: string };
  readonly company: { readonly name: string; readonly country: string; readonly currency: string };
}

export async function signUp(body: SignUp): Promise<void> {
  const { data } = await api.POST("/api/v1/auth/signup", { body: body as never });
  session.enter(data as unknown as Session);
}

export async function signIn(email: string, password: string): Promise<void> {
  const { data } = await api.POST("/api/v1/auth/login", { body: { email, password } as never });
  session.enter(data as unknown as Session);
}

export async function signOut(): Promise<void> {
  await api.POST("/api/v1/auth/logout", {});
  session.forget();
}

async function listOrganizations(): Promise<readonly Organization[]> {
  const { data } = await api.GET("/api/v1/organizations", {});
  return (data as unknown as { data: readonly Organization[] }).data;
}

export const useOrganizations = () => useQuery({ queryKey: ["organizations"], queryFn: listOrganizations, staleTime: 60_000 });
