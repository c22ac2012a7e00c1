import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { act, PREVIEW_REASON } from "@/api/documents";
import { useIdempotencyKey } from "@/api/idempotency";
import type { ActionOffer, BusinessDocument } from "@/api/types";
import { useShortcuts } from "@/shell/shortcuts";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { EffectsView } from "./effects";
import { deedOf } from "./history";
import { documentKey } from "./use-document";

interface ActionDialogProps {
  readonly collection: string;
  readonly document: BusinessDocument;
  readonly offer: ActionOffer;
  readonly onClose: () => void;
}

const DESTRUCTIVE: readonly string[] = ["cancel", "reject", "reverse"];

/** Shows what an action would do, asks for its reason where one is due, and does it once. */
export function ActionDialog({ collection, document, offer, onClose }: ActionDialogProps) {
  const { id, version, number } = document;
  const { action, label, needs_reason: needsReason } = offer;
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { key, done } = useIdempotencyKey(`${id}.${action}.${version}`);
  const queries = useQueryClient();
  const preview = useQuery({
    queryKey: ["preview", id, action, version],
    queryFn: () => act(collection, id, action, needsReason ? { reason: PREVIEW_REASON } : {}, { version, dryRun: true }),
    retry: false,
    gcTime: 0,
  });
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      const after = await act(collection, id, action, needsReason ? { reason } : {}, { version, key: key() });
      done();
      toast.done(`${after.number ?? number ?? "Draft"} ${deedOf(action)}`);
      // Told by the answer itself, so that nobody waits for what is looked up anew.
      queries.setQueryData(documentKey(id), after);
      onClose();
      await queries.invalidateQueries();
    } catch (refusal) {
      setError(refusal);
      await queries.invalidateQueries({ queryKey: ["document", id] });
    } finally {
      setBusy(false);
    }
  };
  const ready = !busy && (!needsReason || reason.trim() !== "");
  useShortcuts({ "mod+Enter": () => ready && void run() });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) void run();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${label} ${number ?? "draft"}`}
      wide
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" form="action" variant={DESTRUCTIVE.includes(action) ? "danger" : "primary"} disabled={!ready} busy={busy} autoFocus={!needsReason}>
            {label}
          </Button>
        </>
      }
    >
      <form id="action" onSubmit={onSubmit} className="flex flex-col gap-4">
        {needsReason ? (
          <Field label="Reason" required>
            {(control) => <Textarea {...control} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />}
          </Field>
        ) : null}
        {error ? <ErrorState error={error} /> : null}
        {preview.isPending ? <Skeleton className="h-24" /> : null}
        {preview.isError && !error ? <ErrorState error={preview.error} /> : null}
        {preview.data?.effects ? <EffectsView effects={preview.data.effects} document={preview.data} /> : null}
      </form>
    </Dialog>
  );
}
