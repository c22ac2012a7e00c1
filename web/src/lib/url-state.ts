import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

type Changes = Readonly<Record<string, string | readonly string[] | null>>;

/** The query of the address as state: a view is a link, and going back restores it. */
export function useUrlState(): [URLSearchParams, (changes: Changes) => void] {
  const params = useSearchParams();
  const pathname = usePathname();
  const update = useCallback(
    (changes: Changes) => {
      const next = new URLSearchParams(params);
      for (const [name, value] of Object.entries(changes)) {
        next.delete(name);
        for (const one of Array.isArray(value) ? value : [value]) if (one) next.append(name, one);
      }
      const query = next.toString();
      // Not by the router: it would ask the server for the page again at every key that filters.
      window.history.replaceState(null, "", query ? `${pathname}?${query}` : pathname);
    },
    [params, pathname],
  );
  return [new URLSearchParams(params), update];
}
