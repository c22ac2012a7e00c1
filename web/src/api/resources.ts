import { api } from "./client";
import { withNames } from "./names";
import type { Page, Row } from "./types";

/** By field: "draft", "in:draft,review", "gte:100"; several of one field hold together. */
export type Conditions = Readonly<Record<string, string | readonly string[]>>;

export interface ListQuery {
  readonly q?: string;
  readonly where?: Conditions;
  readonly sort?: string;
  readonly cursor?: string;
  readonly limit?: number;
  /** References to answer with their names, by member: "party,item". */
  readonly expand?: string;
}

/**
 * Collections that answer alike are read by one path of the schema: the type of one stands for all of them. Which
 * collections exist is told by the registries of documents and master data.
 */
const listPath = (collection: string) => `/api/v1/${collection}` as "/api/v1/parties";
const itemPath = (collection: string) => `/api/v1/${collection}/{id}` as "/api/v1/parties/{id}";

export async function listRows<R extends Row = Row>(collection: string, query: ListQuery = {}): Promise<Page<R>> {
  const { where, ...page } = query;
  const { data } = await api.GET(listPath(collection), { params: { query: { ...where, ...page } } });
  return withNames(data) as unknown as Page<R>;
}

export async function getRow<R extends Row = Row>(collection: string, id: string): Promise<R> {
  const { data } = await api.GET(itemPath(collection), { params: { path: { id } } });
  return withNames(data) as unknown as R;
}

export interface WriteOptions {
  readonly key?: string;
  readonly dryRun?: boolean;
  readonly version?: number;
}

/** Headers and query of a command: its key, its dry run, the version it builds upon. */
export const commandParams = ({ key, dryRun, version }: WriteOptions) => ({
  header: {
    ...(key && !dryRun ? { "Idempotency-Key": key } : {}),
    ...(version === undefined ? {} : { "If-Match": `"${version}"` }),
  },
  query: dryRun ? { dry_run: true } : {},
});

export async function createRow<R extends Row = Row>(collection: string, body: object, options: WriteOptions = {}): Promise<R> {
  const { data } = await api.POST(listPath(collection), { params: commandParams(options), body: body as never });
  return withNames(data) as unknown as R;
}

export async function patchRow<R extends Row = Row>(
  collection: string,
  id: string,
  body: object,
  options: WriteOptions,
): Promise<R> {
  const { data } = await api.PATCH(itemPath(collection), {
    params: { ...commandParams(options), path: { id } } as never,
    body: body as never,
  });
  return withNames(data) as unknown as R;
}

const MOST_AT_ONCE = 200;

/** The rows of a collection to its end, page after page. */
export async function* pagesOf<R extends Row = Row>(collection: string, query: ListQuery = {}): AsyncGenerator<readonly R[]> {
  let cursor: string | null = null;
  do {
    const page: Page<R> = await listRows<R>(collection, { ...query, limit: MOST_AT_ONCE, ...(cursor ? { cursor } : {}) });
    yield page.data;
    cursor = page.next_cursor;
  } while (cursor);
}

/** An action of a record's own, without anything to say beside it. */
export async function actOnRow(collection: string, id: string, action: "activate" | "deactivate", options: WriteOptions): Promise<void> {
  const path = `/api/v1/${collection}/{id}/${action}` as "/api/v1/parties/{id}/deactivate";
  await api.POST(path, { params: { ...commandParams(options), path: { id } } as never });
}

/** Every row of a collection that is small by nature (roles, units, periods). */
export async function listAll<R extends Row = Row>(collection: string, query: ListQuery = {}): Promise<R[]> {
  const rows: R[] = [];
  for await (const page of pagesOf<R>(collection, query)) rows.push(...page);
  return rows;
}
