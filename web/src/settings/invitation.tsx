import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useIdempotencyKey } from "@/api/idempotency";
import { createRow } from "@/api/resources";
import { PASSWORD_HINT } from "@/lib/password";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";
import { RoleChoices } from "./role-choices";
import { isScoped, ScopeChoices } from "./scope-choices";

interface Values {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly roles: readonly string[];
  /** Null is all of them. */
  readonly companies: readonly string[] | null;
}

/** What an invitation holds while it is typed, and how it is sent. */
export function useInvitation(roles: readonly string[]) {
  const [values, setValues] = useState<Values>({ name: "", email: "", password: "", roles, companies: null });
  const queries = useQueryClient();
  const { key, done } = useIdempotencyKey("invite");
  const send = async () => {
    const { password, companies, ...given } = values;
    await createRow("access/members", { ...given, ...(password ? { password } : {}), ...(companies ? { scopes: { companies } } : {}) }, { key: key() });
    done();
    await queries.invalidateQueries();
    toast.done(`${values.name} is a member now`);
  };
  const complete = values.roles.length > 0 && isScoped(values.companies);
  return { values, set: (changes: Partial<Values>) => setValues((now) => ({ ...now, ...changes })), complete, send };
}

interface InvitationFieldsProps {
  readonly invitation: ReturnType<typeof useInvitation>;
  readonly error: unknown;
}

/** A new member: somebody with an account keeps their password, somebody without gets the one typed here. */
export const InvitationFields = ({ invitation: { values, set }, error }: InvitationFieldsProps) => (
  <>
    <Field label="Name" error={fieldError(error, "/name")}>
      {(control) => <Input {...control} required autoFocus value={values.name} onChange={(event) => set({ name: event.target.value })} />}
    </Field>
    <Field label="Email" error={fieldError(error, "/email")}>
      {(control) => (
        <Input {...control} type="email" autoComplete="off" required value={values.email} onChange={(event) => set({ email: event.target.value })} />
      )}
    </Field>
    <Field label="First password" error={fieldError(error, "/password")} hint={`${PASSWORD_HINT}; not needed for somebody who already has an account. They choose their own under “Change password”.`}>
      {(control) => (
        <Input {...control} type="password" autoComplete="new-password" value={values.password} onChange={(event) => set({ password: event.target.value })} />
      )}
    </Field>
    <RoleChoices chosen={values.roles} onChosen={(roles) => set({ roles })} />
    <ScopeChoices chosen={values.companies} onChosen={(companies) => set({ companies })} />
  </>
);
