import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { answered, api } from "./client";
import { session } from "./session";
import type { Organization, SignUp } from "./types";

export const useSession = () => useSyncExternalStore(session.subscribe, session.get, session.initial);

export async function signUp(body: SignUp): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/auth/signup", { body })));
}

export async function signIn(email: string, password: string): Promise<void> {
  session.enter(await answered(api.POST("/api/v1/auth/login", { body: { email, password } })));
}

export async function signOut(): Promise<void> {
  await api.POST("/api/v1/auth/logout");
  session.forget();
}

async function listOrganizations(): Promise<readonly Organization[]> {
  return (await answered(api.GET("/api/v1/organizations"))).data;
}

export const useOrganizations = () => useQuery({ queryKey: ["organizations"], queryFn: listOrganizations, staleTime: 60_000 });
