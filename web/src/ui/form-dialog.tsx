import { type ReactNode, useId } from "react";
import { ApiError } from "@/api/errors";
import { useSubmit } from "@/lib/use-submit";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ErrorState } from "./states";

const VERSION_CONFLICT = 412;

interface FormDialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** What its button does: "Save", "Close the period". */
  readonly label: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** For somebody who may look and not change. */
  readonly readOnly?: boolean;
  /** Does it; throws to refuse. Closing afterwards is the caller's. */
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
  /** The fields, with what refused the last attempt. */
  readonly children: (error: unknown) => ReactNode;
  /** Further actions, beside the buttons. */
  readonly more?: ReactNode;
}

/** One form in a dialog: its fields, the refusal, and the one thing that it does. */
export function FormDialog({ title, description, label, danger, disabled, readOnly, run, onClose, children, more }: FormDialogProps) {
  const id = useId();
  const { busy, error, submit } = useSubmit(run);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      footer={
        <>
          {more && !readOnly ? <span className="mr-auto flex gap-2">{more}</span> : null}
          <Button onClick={onClose}>{readOnly ? "Close" : "Cancel"}</Button>
          {readOnly ? null : (
            <Button type="submit" form={id} variant={danger ? "danger" : "primary"} busy={busy} disabled={Boolean(disabled)}>
              {label}
            </Button>
          )}
        </>
      }
    >
      <form id={id} onSubmit={(event) => void submit(event)}>
        <fieldset disabled={Boolean(readOnly)} className="flex min-w-0 flex-col gap-3">
          {children(error)}
          {error ? <ErrorState error={error} /> : null}
          {error instanceof ApiError && error.status === VERSION_CONFLICT ? (
            <p>Somebody has saved it meanwhile. Close this and open it again to see it as it is now.</p>
          ) : null}
        </fieldset>
      </form>
    </Dialog>
  );
}
