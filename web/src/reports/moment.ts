import { useMe } from "@/api/me";
import { useUrlState } from "@/lib/url-state";

/** Whose figures, of which day, as they were known when. Left out: mine, today's, as known now. */
export interface Moment {
  readonly company?: string;
  readonly as_of?: string;
  readonly known_at?: string;
}

const MEMBERS = ["company", "as_of", "known_at"] as const;

/** The moment that the address names, and links that keep it on the way down to entries and documents. */
export function useMoment() {
  const [params, update] = useUrlState();
  const { data: me, isPending } = useMe();
  const companies = me?.companies ?? [];
  const first = companies.length > 1 ? companies[0]?.code : undefined;
  const moment: Moment = {
    ...(first ? { company: first } : {}),
    ...Object.fromEntries(MEMBERS.map((name) => [name, params.get(name)]).filter(([, value]) => value)),
  };
  const href = (path: string, more: Readonly<Record<string, string | null | undefined>> = {}): string => {
    const named = MEMBERS.map((name) => [name, params.get(name)] as const);
    const query = new URLSearchParams();
    for (const [name, value] of [...named, ...Object.entries(more)]) if (value) query.set(name, value);
    return query.size > 0 ? `${path}?${query}` : path;
  };
  return { moment, ready: !isPending, companies, params, update, href };
}
