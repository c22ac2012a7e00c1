import { useState } from "react";
import { changePassword } from "@/api/auth";
import { fieldError } from "@/api/errors";
import { PASSWORD_HINT, PASSWORD_LENGTH } from "@/lib/password";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";

/** One's own password: who invited somebody knows the first one. */
export function PasswordDialog({ onClose }: { readonly onClose: () => void }) {
  const [present, setPresent] = useState("");
  const [next, setNext] = useState("");
  const run = async () => {
    await changePassword(present, next);
    toast.done("Your password is changed; you are signed out everywhere else");
    onClose();
  };
  return (
    <FormDialog title="Change password" label="Change" run={run} onClose={onClose}>
      {(error) => (
        <>
          <Field label="Present password" error={fieldError(error, "/password")}>
            {(control) => (
              <Input
                {...control}
                required
                autoFocus
                type="password"
                autoComplete="current-password"
                value={present}
                onChange={(event) => setPresent(event.target.value)}
              />
            )}
          </Field>
          <Field label="New password" error={fieldError(error, "/new_password")} hint={PASSWORD_HINT}>
            {(control) => (
              <Input
                {...control}
                required
                minLength={PASSWORD_LENGTH}
                type="password"
                autoComplete="new-password"
                value={next}
                onChange={(event) => setNext(event.target.value)}
              />
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
