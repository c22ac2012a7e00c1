import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answered, api } from "./client";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export type ReportName =
  | "billing/aging"
  | "billing/open-items"
  | "inventory/stock"
  | "inventory/valuation"
  | "ledger/balance-sheet"
  | "ledger/budget-vs-actual"
  | "ledger/profit-and-loss"
  | "ledger/trial-balance"
  | "procurement/commitments"
  | "procurement/grni";

export type PagedReportName = "inventory/moves" | "ledger/general-ledger";

type Get<N extends ReportName | PagedReportName> = paths[`/api/v1/${N}`]["get"];
export type ReportQuery<N extends ReportName | PagedReportName> = NonNullable<Get<N>["parameters"]["query"]>;
export type ReportAnswer<N extends ReportName | PagedReportName> = Get<N>["responses"][200]["content"]["application/json"];

/** The client's signature is of one path at a time; the names above tie each path to its query and answer instead. */
const read = api.GET as unknown as (path: string, init: { params: { query: object } }) => Promise<{ data: unknown }>;

async function getReport<N extends ReportName | PagedReportName>(name: N, query: ReportQuery<N>): Promise<ReportAnswer<N>> {
  const { data } = await read(`/api/v1/${name}`, { params: { query } });
  return data as ReportAnswer<N>;
}

/** A report; while another moment of it is looked up, the one before stays in view. */
export const useReport = <N extends ReportName>(name: N, query: ReportQuery<N>, enabled = true) =>
  useQuery({ queryKey: ["report", name, query], queryFn: () => getReport(name, query), placeholderData: keepPreviousData, enabled });

/** A report that comes page by page. */
export const usePagedReport = <N extends PagedReportName>(name: N, query: ReportQuery<N>, enabled = true) =>
  useInfiniteQuery({
    queryKey: ["report", name, query],
    queryFn: ({ pageParam }) => getReport(name, pageParam ? { ...query, cursor: pageParam } : query),
    initialPageParam: "",
    getNextPageParam: (page: ReportAnswer<N>) => page.next_cursor,
    placeholderData: keepPreviousData,
    enabled,
  });

export interface BalanceQuery {
  readonly company?: string;
  readonly book?: "actual" | "budget" | "commitment";
  readonly as_of?: string;
  readonly known_at?: string;
}

/** The balance of one account, debit positive. */
export const useAccountBalance = (code: string, query: BalanceQuery, explain = false) =>
  useQuery({
    queryKey: ["report", "account-balance", code, query, explain],
    queryFn: () => answered(api.GET("/api/v1/ledger/accounts/{code}/balance", { params: { path: { code }, query: { ...query, explain } } })),
  });

/** The journal entries that a document has caused, in every book. */
export const useDocumentEntries = (id: string) =>
  useQuery({
    queryKey: ["document", id, "entries"],
    queryFn: () => answered(api.GET("/api/v1/ledger/documents/{id}/entries", { params: { path: { id } } })),
    enabled: id !== "",
  });
