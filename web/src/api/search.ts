import { api } from "./client";
import type { Page, SearchHit } from "./types";

export async function search(q: string): Promise<readonly SearchHit[]> {
  const { data } = await api.GET("/api/v1/search", { params: { query: { q, limit: 10 } } });
  return (data as unknown as Page<SearchHit>).data;
}
