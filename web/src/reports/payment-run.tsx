import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useMemo, useState } from "react";
import { act } from "@/api/documents";
import { fieldError } from "@/api/errors";
import { refValue } from "@/api/names";
import type { Schemas } from "@/api/reports";
import { createRow } from "@/api/resources";
import type { BusinessDocument, Ref } from "@/api/types";
import { documentHref } from "@/documents/registry";
import { payment } from "@/documents/types/billing";
import { today } from "@/lib/format";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Money } from "@/ui/figures";
import { FormDialog } from "@/ui/form-dialog";
import { DateInput } from "@/ui/input";
import { toast } from "@/ui/toast";
import { type PlannedPayment, planPayments } from "./payment-plan";

interface PaymentRunProps {
  readonly company: string;
  readonly items: readonly Schemas["OpenItemRow"][];
  readonly onClose: () => void;
  readonly onPaid: () => void;
}

/**
 * Pays the chosen invoices in full, one payment for each supplier and currency. Each payment has a key of its own that
 * stays over attempts, so that trying again after a refusal never pays twice.
 */
export function PaymentRun({ company, items, onClose, onPaid }: PaymentRunProps) {
  // What was chosen when it opened: what is paid leaves the list of open items, not the run.
  const [plan] = useState(() => planPayments(items).map((planned) => ({ ...planned, key: crypto.randomUUID() })));
  const [paidOn, setPaidOn] = useState(today);
  const [bankAccount, setBankAccount] = useState<Ref>("");
  const [made, setMade] = useState<ReadonlyMap<string, BusinessDocument>>(new Map());
  const queries = useQueryClient();
  const terms = useMemo(() => ({ company, paid_on: paidOn, ...(bankAccount ? { bank_account: refValue(bankAccount) } : {}) }), [company, paidOn, bankAccount]);
  const run = async () => {
    try {
      for (const planned of plan) {
        if (made.get(planned.key)?.phase === "active") continue;
        const draft = made.get(planned.key) ?? (await createRow<BusinessDocument>(payment.collection, bodyOf(planned, terms), { key: planned.key }));
        setMade((now) => new Map(now).set(planned.key, draft));
        const posted = await act(payment.collection, draft.id, "post", {}, { version: draft.version, key: `${planned.key}.post` });
        setMade((now) => new Map(now).set(planned.key, posted));
      }
    } finally {
      await queries.invalidateQueries();
    }
    toast.done(plan.length === 1 ? "The payment is posted" : `${plan.length} payments are posted`);
    onPaid();
  };
  return (
    <FormDialog
      title={plan.length === 1 ? "Post a payment" : `Post ${plan.length} payments`}
      description="Each invoice is settled by its whole balance. To pay less, begin the payment on the invoice's own page."
      label="Post"
      run={run}
      onClose={onClose}
    >
      {(error) => (
        <>
          <div className="grid grid-cols-2 gap-3">
            <Field label="Paid on" required error={fieldError(error, "/paid_on")}>
              {(control) => <DateInput {...control} required disabled={made.size > 0} value={paidOn} onValue={setPaidOn} />}
            </Field>
            <Field label="Bank account" hint="Empty for the company's default" error={fieldError(error, "/bank_account")}>
              {(control) => <Combobox {...control} kind="bank_account" disabled={made.size > 0} value={bankAccount} onValue={setBankAccount} />}
            </Field>
          </div>
          <ul aria-label="Payments">
            {plan.map((planned) => (
              <li key={planned.key} className="flex items-baseline justify-between gap-4 border-t border-line py-1.5">
                <span className="min-w-0">
                  <span className="font-medium">{planned.name}</span>
                  <span className="ml-2 text-xs text-muted">{planned.items.map((item) => item.document_number).join(", ")}</span>
                  <Outcome document={made.get(planned.key)} />
                </span>
                <Money amount={planned.amount} currency={planned.currency} />
              </li>
            ))}
          </ul>
        </>
      )}
    </FormDialog>
  );
}

const bodyOf = ({ party, currency, amount, items }: PlannedPayment, terms: object) => ({
  ...terms,
  direction: "outgoing",
  party,
  currency,
  amount,
  allocations: items.map((item) => ({ invoice: item.document, amount: item.balance })),
});

/** What has become of a payment when a later one was refused. */
const Outcome = ({ document }: { readonly document: BusinessDocument | undefined }) =>
  document ? (
    <Link href={documentHref(payment.code, document.id)} className="link ml-2 text-xs">
      {document.number ?? "Draft"}
    </Link>
  ) : null;
