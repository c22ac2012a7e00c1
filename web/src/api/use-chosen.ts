import { useQuery } from "@tanstack/react-query";
import { useUrlState } from "@/lib/url-state";
import { getRow } from "./resources";
import type { Row } from "./types";

/**
 * The record that the address names, for a dialog: read afresh when it opens and left alone while somebody types, so that
 * what is saved builds upon the version that was seen.
 */
export function useChosen<R extends Row>(collection: string): R | null {
  const [params] = useUrlState();
  const id = params.get("id");
  const { data } = useQuery({
    queryKey: ["record", collection, id],
    queryFn: () => getRow<R>(collection, id as string),
    enabled: id !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return data && id === data.id ? data : null;
}
