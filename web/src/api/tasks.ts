import { useQuery } from "@tanstack/react-query";
import { answered, api } from "./client";
import { withNames } from "./names";
import type { Task } from "./types";

const REFRESH_MS = 60_000;

const listTasks = async (): Promise<readonly Task[]> => withNames((await answered(api.GET("/api/v1/tasks"))).data);

/** What waits for me; looked up again every minute and whenever the window comes back. */
export const useTasks = () => useQuery({ queryKey: ["tasks"], queryFn: listTasks, refetchInterval: REFRESH_MS });

export const useTaskCount = (): number => useTasks().data?.length ?? 0;
