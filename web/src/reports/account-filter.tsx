import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { useMoment } from "./moment";

/** Goes to another account; what is typed changes nothing until it has found one. */
export function AccountFilter({ name }: { readonly name: string }) {
  const { update } = useMoment();
  return (
    <Field label="Account" className="sm:w-60">
      {(control) => <Combobox {...control} kind="account" value={name} onValue={(_, found) => found && update({ code: found.ref.code ?? null })} />}
    </Field>
  );
}
