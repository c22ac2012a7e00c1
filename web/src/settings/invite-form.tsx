import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useIdempotencyKey } from "@/api/idempotency";
import { createRow, listAll } from "@/api/resources";
import type { Row } from "@/api/types";
import { humanize } from "@/lib/format";
import { useSubmit } from "@/lib/use-submit";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { ErrorState } from "@/ui/states";
import { toast } from "@/ui/toast";

export interface RoleRow extends Row {
  readonly code: string;
  readonly name?: string;
  readonly permissions?: readonly string[];
}

export const useRoles = () => useQuery({ queryKey: ["roles"], queryFn: () => listAll<RoleRow>("access/roles"), staleTime: 60_000 });

/** A new member: somebody with an account keeps their password, somebody without gets the one typed here. */
export function InviteForm({ roles: initial, onDone }: { readonly roles: readonly string[]; readonly onDone: () => void }) {
  const { data: roles = [] } = useRoles();
  const queries = useQueryClient();
  const { key, done } = useIdempotencyKey("invite");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(initial);
  const { busy, error, submit } = useSubmit(async () => {
    await createRow("access/members", { name, email, roles: chosen, ...(password ? { password } : {}) }, { key: key() });
    done();
    await queries.invalidateQueries();
    toast.done(`${name} is a member now`);
    onDone();
  });
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      <Field label="Name" error={fieldError(error, "/name")}>
        {(control) => <Input {...control} required value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label="Email" error={fieldError(error, "/email")}>
        {(control) => <Input {...control} type="email" autoComplete="off" required value={email} onChange={(event) => setEmail(event.target.value)} />}
      </Field>
      <Field label="First password" error={fieldError(error, "/password")} hint="Not needed for somebody who already has an account">
        {(control) => <Input {...control} type="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />}
      </Field>
      <fieldset>
        <legend className="mb-1 text-xs font-medium text-muted">Roles</legend>
        <div className="grid grid-cols-2 gap-x-4 gap-y-1">
          {roles.map((role) => (
            <label key={role.code} className="flex min-h-6 items-center gap-1.5">
              <input
                type="checkbox"
                className="size-4"
                checked={chosen.includes(role.code)}
                onChange={(event) => setChosen((now) => (event.target.checked ? [...now, role.code] : now.filter((code) => code !== role.code)))}
              />
              {role.name ?? humanize(role.code)}
            </label>
          ))}
        </div>
      </fieldset>
      {error ? <ErrorState error={error} /> : null}
      <Button type="submit" variant="primary" busy={busy} disabled={chosen.length === 0}>
        Add member
      </Button>
    </form>
  );
}
