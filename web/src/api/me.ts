import { useQuery } from "@tanstack/react-query";
import { answered, api } from "./client";

const getMe = () => answered(api.GET("/api/v1/me"));

/** Who I am in this organization: my roles, what they permit, and the companies I may see. */
export const useMe = () => useQuery({ queryKey: ["me"], queryFn: getMe, staleTime: 60_000 });
