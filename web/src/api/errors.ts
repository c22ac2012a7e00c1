export interface FieldError {
  /** JSON pointer into the body, such as /lines/0/quantity. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly given?: unknown;
  readonly allowed?: unknown;
}

export type ErrorDetails = Readonly<Record<string, unknown>> & { readonly fields?: readonly FieldError[] };

/** A refusal or failure as the API words it; `status` 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: ErrorDetails,
    readonly requestId: string | null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  get fields(): readonly FieldError[] {
    return this.details.fields ?? [];
  }
}

export const KEY_REUSED = "IDEMPOTENCY_KEY_REUSED";

/** What a refusal means to somebody at a form, where its own words are for programs. */
const PLAINER: Readonly<Record<string, string>> = {
  [KEY_REUSED]: "An earlier attempt was accepted although its answer was lost. Look for what it recorded before you send this one as well.",
};

export function toApiError(status: number, body: unknown, requestId: string | null): ApiError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  const code = typeof error.code === "string" ? error.code : `HTTP_${status}`;
  const message = typeof error.message === "string" ? error.message : "The server answered in an unexpected way.";
  return new ApiError(
    status,
    code,
    PLAINER[code] ?? message,
    isRecord(error.details) ? error.details : {},
    typeof error.request_id === "string" ? error.request_id : requestId,
  );
}

export const unreachable = (): ApiError =>
  new ApiError(0, "UNREACHABLE", "The server cannot be reached. Nothing was sent twice; try again.", {}, null);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The message for one field, if the refusal names it. */
export const fieldError = (error: unknown, path: string): string | undefined =>
  error instanceof ApiError ? error.fields.find((field) => field.path === path)?.message : undefined;

/** Whether some field of this refusal is not among the paths that a form shows at their place. */
export const unplaced = (error: ApiError, shown: (path: string) => boolean): readonly FieldError[] =>
  error.fields.filter((field) => !shown(field.path));
