import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { act } from "@/api/documents";
import { fieldError } from "@/api/errors";
import { useIdempotencyKey } from "@/api/idempotency";
import { refLabel, refValue } from "@/api/names";
import { useMay } from "@/api/permissions";
import { useReport } from "@/api/reports";
import type { BusinessDocument } from "@/api/types";
import { decimalOf } from "@/documents/amounts";
import { payment } from "@/documents/types/billing";
import type { Values } from "@/documents/types/shape";
import { isNegative, isZero, subtract, sum } from "@/lib/decimal";
import { formatDate } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Money } from "@/ui/figures";
import { FormDialog } from "@/ui/form-dialog";
import { DecimalInput } from "@/ui/input";
import { ErrorState, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { settleable, spread } from "./payment-plan";

/** Of a posted payment: what settles nothing yet can be allocated, what is allocated can be taken back. */
export function Allocation({ document }: { readonly document: BusinessDocument }) {
  const [doing, setDoing] = useState<"allocate" | "unallocate" | null>(null);
  const may = useMay();
  const onAccount = String(document.unallocated ?? "0");
  const mayAllocate = !isZero(onAccount) && may("billing.payment.allocate");
  const mayTakeBack = allocationsOf(document).length > 0 && may("billing.payment.unallocate");
  // What a customer paid is on account until it is given back.
  if (document.phase !== "active" || document.side !== "payable" || !(mayAllocate || mayTakeBack)) return null;
  const close = () => setDoing(null);
  return (
    <section aria-label="Allocation" data-print="none" className="panel mb-4 flex flex-wrap items-center gap-2 px-4 py-2.5">
      <p className="mr-auto text-muted">
        {isZero(onAccount) ? (
          "All of it is allocated."
        ) : (
          <>
            <Money amount={onAccount} currency={document.currency} /> is on account and settles nothing yet.
          </>
        )}
      </p>
      {mayTakeBack ? <Button onClick={() => setDoing("unallocate")}>Take back</Button> : null}
      {mayAllocate ? <Button onClick={() => setDoing("allocate")}>Allocate</Button> : null}
      {doing === "allocate" ? <Allocate document={document} onAccount={onAccount} onClose={close} /> : null}
      {doing === "unallocate" ? <TakeBack document={document} onClose={close} /> : null}
    </section>
  );
}

const allocationsOf = (document: BusinessDocument) => (document.allocations as readonly Values[] | undefined) ?? [];

/** Money that leaves settles invoices; money that comes back settles the payment that it was part of. */
const settledBy = (document: BusinessDocument): "invoice" | "payment" => (document.direction === "incoming" ? "payment" : "invoice");

/** Does one of the two, once, and shows the payment as it is then. */
function useAct(document: BusinessDocument, action: "allocate" | "unallocate", done: string, onClose: () => void) {
  const key = useIdempotencyKey(`${document.id}.${action}.${document.version}`);
  const queries = useQueryClient();
  return async (allocations: readonly object[]) => {
    await act(payment.collection, document.id, action, { allocations }, { version: document.version, key: key.key() });
    key.done();
    await queries.invalidateQueries();
    toast.done(done);
    onClose();
  };
}

interface DialogProps {
  readonly document: BusinessDocument;
  readonly onClose: () => void;
}

function Allocate({ document, onAccount, onClose }: DialogProps & { readonly onAccount: string }) {
  const company = refValue(document.company) ?? "";
  const { data, error: unread } = useReport("billing/open-items", { company, party: refValue(document.party) ?? "", side: "payable" });
  const items = settleable(data?.data ?? [], settledBy(document), document.currency ?? "");
  const [typed, setTyped] = useState<ReadonlyMap<string, string> | null>(null);
  const amounts = typed ?? spread(onAccount, items);
  const amountOf = (id: string) => decimalOf(amounts.get(id)) ?? "0";
  const given = items.filter(({ id }) => !isZero(amountOf(id)));
  const rest = subtract(onAccount, sum(given.map(({ id }) => amountOf(id))));
  const send = useAct(document, "allocate", "Allocated", onClose);
  return (
    <FormDialog
      title={`Allocate ${document.number ?? "the payment"}`}
      description={data && items.length > 0 ? "First due first; change what shall be otherwise." : null}
      label="Allocate"
      disabled={given.length === 0}
      run={() => send(given.map(({ id }) => ({ [settledBy(document)]: id, amount: amountOf(id) })))}
      onClose={onClose}
    >
      {(error) => (
        <>
          {unread ? <ErrorState error={unread} /> : null}
          {!data && !unread ? <Skeleton className="h-24" /> : null}
          {data && items.length === 0 ? <p>Nothing of {refLabel(document.party)} is open that this money could settle.</p> : null}
          {items.map(({ id, label, due, open }, index) => (
            <Field
              key={id}
              label={label}
              hint={
                <>
                  <Money amount={open} /> open, due {formatDate(due)}
                </>
              }
              error={fieldError(error, `/allocations/${given.findIndex((item) => item.id === id)}/amount`)}
            >
              {(control) => <DecimalInput {...control} autoFocus={index === 0} value={amounts.get(id) ?? ""} onValue={(amount) => setTyped(new Map(amounts).set(id, amount))} />}
            </Field>
          ))}
          {items.length > 0 ? (
            <p className="flex justify-between gap-4 border-t border-line pt-2" aria-live="polite">
              {isNegative(rest) ? "More than is on account" : "Stays on account"}
              <Money amount={rest} currency={document.currency} />
            </p>
          ) : null}
        </>
      )}
    </FormDialog>
  );
}

function TakeBack({ document, onClose }: DialogProps) {
  const member = settledBy(document);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const send = useAct(document, "unallocate", "Taken back", onClose);
  return (
    <FormDialog
      title={`Take back what ${document.number ?? "the payment"} settles`}
      description="What is taken back is open again, and the money on account."
      label="Take back"
      disabled={chosen.length === 0}
      run={() => send(chosen.map((id) => ({ [member]: id })))}
      onClose={onClose}
    >
      {() =>
        allocationsOf(document).map((allocation) => {
          const id = refValue(allocation[member]) ?? "";
          return (
            <label key={id} className="flex min-h-8 items-center gap-2">
              <input
                type="checkbox"
                className="size-4"
                checked={chosen.includes(id)}
                onChange={(event) => setChosen((now) => (event.target.checked ? [...now, id] : now.filter((other) => other !== id)))}
              />
              <span className="min-w-0 flex-1 truncate">
                {refLabel(allocation[member])}
                <span className="ml-2 text-xs text-muted">{String(allocation.supplier_reference ?? "")}</span>
              </span>
              <Money amount={allocation.amount} currency={document.currency} />
            </label>
          );
        })
      }
    </FormDialog>
  );
}
