import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { components } from "./schema";

export type Me = components["schemas"]["MeView"];

async function getMe(): Promise<Me> {
  const { data } = await api.GET("/api/v1/me");
  return data as Me;
}

/** Who I am in this organization: my roles, what they permit, and the companies I may see. */
export const useMe = () => useQuery({ queryKey: ["me"], queryFn: getMe, staleTime: 60_000 });
