import type { SearchHit } from "@/api/types";
import { typeOf, documentHref } from "@/documents/registry";

const RECORDS: Readonly<Record<string, (hit: SearchHit) => string>> = {
  parties: (hit) => `/parties/edit/?id=${hit.id}`,
  items: (hit) => `/items/edit/?id=${hit.id}`,
  "ledger/accounts": (hit) => `/ledger/account/?code=${encodeURIComponent(hit.number ?? hit.id)}`,
  "ledger/bank-accounts": (hit) => `/ledger/bank-accounts/edit/?id=${hit.id}`,
};

/** The page of what was found; null for a record that has none. */
export const hitHref = (hit: SearchHit): string | null =>
  typeOf(hit.type) ? documentHref(hit.type, hit.id) : (RECORDS[hit.route]?.(hit) ?? null);

export const hitLabel = (hit: SearchHit): string => [hit.number, hit.title].filter(Boolean).join("  ") || hit.id;
