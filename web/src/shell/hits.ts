import type { SearchHit } from "@/api/types";
import { documentHref } from "@/documents/registry";

const RECORDS: Readonly<Record<string, (hit: SearchHit) => string>> = {
  party: (hit) => `/parties/edit/?id=${hit.id}`,
  item: (hit) => `/items/edit/?id=${hit.id}`,
  account: (hit) => `/ledger/account/?code=${encodeURIComponent(hit.code ?? hit.number ?? hit.id)}`,
};

export const hitHref = (hit: SearchHit): string => RECORDS[hit.type]?.(hit) ?? documentHref(hit.type, hit.id);

export const hitLabel = (hit: SearchHit): string =>
  [hit.number ?? hit.code, hit.title ?? hit.name].filter(Boolean).join("  ") || hit.id;
