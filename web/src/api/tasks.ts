import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Page, Task } from "./types";

const REFRESH_MS = 60_000;

async function listTasks(): Promise<readonly Task[]> {
  const { data } = await api.GET("/api/v1/tasks", { params: { query: { limit: 200 } } });
  return (data as unknown as Page<Task>).data;
}

/** What waits for me; looked up again every minute and whenever the window comes back. */
export const useTasks = () => useQuery({ queryKey: ["tasks"], queryFn: listTasks, refetchInterval: REFRESH_MS });

export const useTaskCount = (): number => useTasks().data?.length ?? 0;
