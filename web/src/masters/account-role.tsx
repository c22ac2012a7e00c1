import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { refValue } from "@/api/names";
import type { ReferenceKind } from "@/api/references";
import { createRow, patchRow } from "@/api/resources";
import type { Ref, Row } from "@/api/types";
import { humanize } from "@/lib/format";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input, Select } from "@/ui/input";
import { toast } from "@/ui/toast";

const COLLECTION = "ledger/account-roles";

export interface AccountRole extends Row {
  readonly role: string;
  readonly account: Ref;
  readonly for_company: Ref | null;
  readonly party: Ref | null;
  readonly item: Ref | null;
  readonly item_category: string | null;
  readonly version: number;
}

interface AccountRoleDialogProps {
  /** The one to give to another account; null for a new one. */
  readonly role: AccountRole | null;
  /** The roles that posting rules name. */
  readonly known: readonly string[];
  readonly onClose: () => void;
}

const WHOM = [
  { value: "item", label: "One item", kind: "item" },
  { value: "item_category", label: "A category of items", kind: null },
  { value: "party", label: "One party", kind: "party" },
  { value: "company", label: "One company", kind: "company" },
] as const satisfies readonly { readonly kind: ReferenceKind | null; readonly value: string; readonly label: string }[];

/** Which account a role stands for: the narrower says it before the wider, and what was posted stays where it is. */
export function AccountRoleDialog({ role, known, onClose }: AccountRoleDialogProps) {
  const [name, setName] = useState(role?.role ?? known[0] ?? "");
  const [whom, setWhom] = useState("");
  const [who, setWho] = useState<Ref>("");
  const [account, setAccount] = useState<Ref>(role?.account ?? "");
  const queries = useQueryClient();
  const narrowed = WHOM.find(({ value }) => value === whom);
  const run = async () => {
    const given = { account: refValue(account) };
    if (role) await patchRow(COLLECTION, role.id, given, { version: role.version });
    else await createRow(COLLECTION, { role: name, ...given, ...(narrowed ? { [narrowed.value]: refValue(who) } : {}) });
    await queries.invalidateQueries();
    toast.done(`${humanize(name)} is assigned`);
    onClose();
  };
  return (
    <FormDialog
      title={role ? `The account of ${humanize(role.role).toLowerCase()}` : "Assign an account"}
      description="What is posted from now on goes there; what was posted stays where it is."
      label="Save"
      run={run}
      onClose={onClose}
    >
      {(error) => (
        <>
          {role ? null : (
            <div className="grid grid-cols-2 gap-3">
              <Field label="Role" required error={fieldError(error, "/role")}>
                {(control) => (
                  <Select {...control} autoFocus choices={known.map((value) => ({ value, label: humanize(value) }))} value={name} onChange={(event) => setName(event.target.value)} />
                )}
              </Field>
              <Field label="For">
                {(control) => (
                  <Select
                    {...control}
                    placeholder="Everything"
                    choices={WHOM}
                    value={whom}
                    onChange={(event) => {
                      setWhom(event.target.value);
                      setWho("");
                    }}
                  />
                )}
              </Field>
            </div>
          )}
          {narrowed ? (
            <Field label={narrowed.label} required error={fieldError(error, `/${narrowed.value}`)}>
              {(control) =>
                narrowed.kind ? (
                  <Combobox {...control} kind={narrowed.kind} value={who} onValue={setWho} />
                ) : (
                  <Input {...control} required value={refValue(who) ?? ""} onChange={(event) => setWho(event.target.value)} />
                )
              }
            </Field>
          ) : null}
          <Field label="Account" required error={fieldError(error, "/account")}>
            {(control) => <Combobox {...control} kind="account" value={account} onValue={setAccount} />}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
