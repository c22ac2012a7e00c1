import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback } from "react";

type Changes = Readonly<Record<string, string | readonly string[] | null>>;

/** The query of the address as state: a view is a link, and going back restores it. */
export function useUrlState(): [URLSearchParams, (changes: Changes) => void] {
  const params = useSearchParams();
  const pathname = usePathname();
  const router = useRouter();
  const update = useCallback(
    (changes: Changes) => {
      const next = new URLSearchParams(params);
      for (const [name, value] of Object.entries(changes)) {
        next.delete(name);
        for (const one of Array.isArray(value) ? value : [value]) if (one) next.append(name, one);
      }
      const query = next.toString();
      router.replace(query ? `${pathname}?${query}` : pathname, { scroll: false });
    },
    [params, pathname, router],
  );
  return [new URLSearchParams(params), update];
}
