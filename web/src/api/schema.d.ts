/** Shapes of the HTTP API until the generated schema takes this file's place (`npm run api`). */
interface Parameters {
  query?: any;
  header?: any;
  path?: any;
  cookie?: never;
}
interface Operation {
  parameters: Parameters;
  requestBody?: { content: { "application/json": any } };
  responses: { 200: { headers: any; content: { "application/json": any } }; default: { headers: any; content: { "application/json": any } } };
}
interface PathItem {
  parameters: Parameters;
  get: Operation;
  post: Operation;
  patch: Operation;
  delete: Operation;
}
export interface paths {
  [path: string]: PathItem;
}
