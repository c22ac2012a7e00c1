import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useIdempotencyKey } from "@/api/idempotency";
import { type Endpoint, type ReplayRange, replayRange } from "@/api/settings";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input, Select } from "@/ui/input";
import { toast } from "@/ui/toast";

const STATES = [
  { value: "dead", label: "Those that were given up" },
  { value: "delivered", label: "Those that arrived" },
] as const;

interface ReplayRangeProps {
  readonly endpoints: readonly Endpoint[];
  readonly initial: string | null;
  readonly onClose: () => void;
}

/** Sends an endpoint the deliveries of some hours or days again, after telling how many they are. */
export function ReplayRangeDialog({ endpoints, initial, onClose }: ReplayRangeProps) {
  const [endpoint, setEndpoint] = useState(initial ?? endpoints[0]?.id ?? "");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [states, setStates] = useState<ReplayRange["states"]>(["dead"]);
  const queries = useQueryClient();
  const { key, done } = useIdempotencyKey(`replay.${endpoint}`);
  const complete = endpoint !== "" && since !== "" && until !== "" && since < until && states.length > 0;
  const range = complete ? { since: new Date(since).toISOString(), until: new Date(until).toISOString(), states } : null;
  const { data: count } = useQuery({
    queryKey: ["replay", endpoint, range],
    queryFn: () => replayRange(endpoint, range as ReplayRange, { dryRun: true }),
    enabled: range !== null,
    staleTime: 0,
  });
  const run = async () => {
    const sent = await replayRange(endpoint, range as ReplayRange, { key: key() });
    done();
    await queries.invalidateQueries({ queryKey: ["list", "webhooks/deliveries"] });
    toast.done(sent === 1 ? "One delivery is sent again" : `${sent} deliveries are sent again`);
    onClose();
  };
  return (
    <FormDialog
      title="Replay a range"
      description="Receivers know an event that they have already had by its webhook-id."
      label={count === undefined ? "Replay" : `Replay ${count}`}
      disabled={!count}
      run={run}
      onClose={onClose}
    >
      {(error) => (
        <>
          <Field label="Endpoint" required>
            {(control) => (
              <Select {...control} choices={endpoints.map(({ id, url }) => ({ value: id, label: url }))} value={endpoint} onChange={(event) => setEndpoint(event.target.value)} />
            )}
          </Field>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="Events from" required error={fieldError(error, "/since")}>
              {(control) => <Input {...control} type="datetime-local" required autoFocus value={since} onChange={(event) => setSince(event.target.value)} />}
            </Field>
            <Field label="To before" required error={fieldError(error, "/until")}>
              {(control) => <Input {...control} type="datetime-local" required value={until} onChange={(event) => setUntil(event.target.value)} />}
            </Field>
          </div>
          <fieldset className="flex flex-wrap gap-x-4">
            <legend className="mb-1 text-xs font-medium text-muted">Which</legend>
            {STATES.map(({ value, label }) => (
              <label key={value} className="flex min-h-6 items-center gap-1.5">
                <input
                  type="checkbox"
                  className="size-4"
                  checked={states.includes(value)}
                  onChange={(event) => setStates((now) => (event.target.checked ? [...now, value] : now.filter((other) => other !== value)))}
                />
                {label}
              </label>
            ))}
          </fieldset>
          <p className="text-muted" aria-live="polite">
            {count === 0 ? "No delivery of this endpoint is in this range." : count ? `${count} ${count === 1 ? "delivery" : "deliveries"} would be sent again.` : null}
          </p>
        </>
      )}
    </FormDialog>
  );
}
