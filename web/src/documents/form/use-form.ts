import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { act, getDocument, PREVIEW_REASON } from "@/api/documents";
import { ApiError } from "@/api/errors";
import { useIdempotencyKey } from "@/api/idempotency";
import { createRow, patchRow } from "@/api/resources";
import type { BusinessDocument } from "@/api/types";
import { type Conflict, type Line, mergeFields, mergeLines } from "@/lib/merge";
import { LineStore } from "../grid/store";
import { isAmended } from "../registry";
import type { DocumentType, Draft, Values } from "../types/shape";
import { documentKey } from "../use-document";
import { contentOf, createBody, patchBody, sentLines } from "./body";
import { NOTHING_WRONG, type Placed, placeErrors } from "./errors";
import { type Base, keptForms, useKeeping } from "./kept";

const VERSION_CONFLICT = 412;

export interface Clash extends Conflict {
  /** The line's id, when the field is one of a line. */
  readonly line: string | null;
}

/** The state of one form: header and lines as typed, what they are based on, what the server refused. */
export function useForm(type: DocumentType, initial: Draft, existing: BusinessDocument | null, place: string) {
  const [{ draft, began }] = useState(() => {
    const kept = keptForms.read(place);
    return { draft: kept ?? initial, began: kept?.base ?? (existing ? { ...contentOf(type, existing), version: existing.version } : null) };
  });
  const [header, setHeader] = useState<Values>(draft.header);
  const store = useMemo(() => new LineStore(draft.lines.length > 0 ? draft.lines : [{}]), [draft]);
  const base = useRef<Base | null>(began);
  const [placed, setPlaced] = useState<Placed>(NOTHING_WRONG);
  const [error, setError] = useState<unknown>(null);
  const [reason, setReason] = useState("");
  const [clashes, setClashes] = useState<readonly Clash[]>([]);
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const { key, done } = useIdempotencyKey(existing ? existing.id : `new.${type.code}`);

  const keeping = useKeeping({ place, header, store, base: base.current, initial });

  const refuse = useCallback(
    (refusal: unknown) => {
      if (!(refusal instanceof ApiError)) return setError(refusal);
      const places = placeErrors(type, refusal, sentLines(type, store.get()));
      setPlaced(places);
      setError(places.complete ? null : refusal);
    },
    [type, store],
  );

  const send = (header: Values, dryRun: boolean): Promise<BusinessDocument> => {
    const before = base.current;
    if (!existing || !before) {
      return createRow<BusinessDocument>(type.collection, createBody(type, header, store.get()), { key: key(), dryRun });
    }
    const body = patchBody(type, before, header, store.get());
    if (Object.keys(body).length === 0) return Promise.resolve(existing);
    if (isAmended(type, existing)) {
      const amendment = { changes: body, reason: dryRun ? PREVIEW_REASON : reason };
      return act(type.collection, existing.id, "amend", amendment, { key: key(), version: before.version, dryRun });
    }
    return patchRow<BusinessDocument>(type.collection, existing.id, body, { version: before.version, dryRun });
  };

  /** Somebody saved meanwhile: their changes come in under mine; only fields that both changed are asked about (then null). */
  const merge = async (): Promise<Values | null> => {
    const before = base.current;
    if (!existing || !before) return null;
    const theirs = await getDocument(existing.id);
    const content = contentOf(type, theirs);
    const fields = mergeFields(before.header, header, content.header);
    const lines = mergeLines(before.lines as readonly Line[], store.get().map((line) => line.values as Line), content.lines as readonly Line[]);
    base.current = { ...content, version: theirs.version };
    setHeader(fields.merged);
    store.replace(lines.merged);
    const found = [...fields.conflicts.map((conflict) => ({ ...conflict, line: null })), ...lines.conflicts];
    setClashes(found);
    return found.length === 0 ? fields.merged : null;
  };

  const save = async (): Promise<BusinessDocument | null> => {
    setBusy(true);
    setError(null);
    setPlaced(NOTHING_WRONG);
    try {
      const saved = await send(header, false).catch(async (refusal: unknown) => {
        const stale = refusal instanceof ApiError && refusal.status === VERSION_CONFLICT;
        const merged = stale ? await merge() : null;
        if (merged) return send(merged, false);
        if (!stale) throw refusal;
        return null;
      });
      if (!saved) return null;
      done();
      keeping.forget();
      // Everything may be another than it was; it is looked up again where it is shown next, so that nobody waits here.
      queries.setQueryData(documentKey(saved.id), saved);
      await queries.invalidateQueries({ refetchType: "none" });
      return saved;
    } catch (refusal) {
      refuse(refusal);
      return null;
    } finally {
      setBusy(false);
    }
  };

  const choose = (clash: Clash, value: unknown) => {
    if (clash.line === null) setHeader((now) => ({ ...now, [clash.field]: value }));
    else {
      const line = store.get().find(({ values }) => values.id === clash.line);
      if (line) store.set(line.key, { [clash.field]: value });
    }
    setClashes((now) => now.filter((other) => other !== clash));
  };

  return {
    header,
    setField: (name: string, value: unknown) => setHeader((now) => ({ ...now, [name]: value })),
    store,
    placed,
    error,
    /** Why an approved document is amended. */
    reason,
    setReason,
    clashes,
    choose,
    busy,
    save,
    leftAt: keeping.leftAt,
    forget: keeping.forget,
    /** The same checks without keeping anything; null and marked cells when they refuse. */
    check: async (): Promise<BusinessDocument | null> => {
      try {
        const checked = await send(header, true);
        setPlaced(NOTHING_WRONG);
        return checked;
      } catch (refusal) {
        if (refusal instanceof ApiError && refusal.fields.length > 0) setPlaced(placeErrors(type, refusal, sentLines(type, store.get())));
        return null;
      }
    },
  };
}

export type Form = ReturnType<typeof useForm>;
