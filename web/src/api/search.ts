import { answered, api } from "./client";
import type { SearchHit } from "./types";

export const search = async (q: string): Promise<readonly SearchHit[]> =>
  (await answered(api.GET("/api/v1/search", { params: { query: { q, limit: 10 } } }))).data;
