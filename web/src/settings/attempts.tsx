import type { Attempt, Delivery } from "@/api/settings";
import { formatInstant } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Dialog } from "@/ui/dialog";

interface AttemptsProps {
  readonly delivery: Delivery;
  readonly url: string | undefined;
  readonly onClose: () => void;
}

/** Each try of a delivery and what came back. */
export const Attempts = ({ delivery, url, onClose }: AttemptsProps) => (
  <Dialog open onOpenChange={(open) => !open && onClose()} title={delivery.event.type} description={url ? <span className="break-all">To {url}</span> : null}>
    {delivery.log.length === 0 ? <p className="text-muted">Nothing has been sent yet.</p> : null}
    <ol aria-label="Attempts">
      {delivery.log.map((attempt) => (
        <li key={attempt.number} className="border-t border-line py-2 first:border-t-0">
          <p className="flex flex-wrap items-center gap-x-3">
            <span className="font-medium">Attempt {attempt.number}</span>
            <Outcome attempt={attempt} />
            <span className="ml-auto text-xs text-muted">
              {formatInstant(attempt.at)}, {attempt.duration_ms} ms
            </span>
          </p>
          {attempt.error ? <p className="mt-0.5">{attempt.error}</p> : null}
          {attempt.response ? (
            <pre className="mt-1 max-h-40 overflow-auto rounded-md bg-sunken px-2 py-1.5 font-mono text-xs break-all whitespace-pre-wrap" tabIndex={0} aria-label={`Answer to attempt ${attempt.number}`}>
              {attempt.response}
            </pre>
          ) : null}
        </li>
      ))}
    </ol>
    {delivery.next_attempt_at ? <p className="border-t border-line pt-2 text-muted">The next attempt is at {formatInstant(delivery.next_attempt_at)}.</p> : null}
  </Dialog>
);

const SUCCESS = /^2\d\d$/;

const Outcome = ({ attempt: { status } }: { readonly attempt: Attempt }) =>
  status === null ? <Badge tone="negative">No answer</Badge> : <Badge tone={SUCCESS.test(String(status)) ? "positive" : "negative"}>{status}</Badge>;
