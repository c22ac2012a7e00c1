"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { signIn } from "@/api/auth";
import { fieldError } from "@/api/errors";
import { useSubmit } from "@/lib/use-submit";
import { Entrance } from "@/shell/entrance";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { ErrorState } from "@/ui/states";

/** Only a path of this site: an address from elsewhere must not lead away after signing in. */
const ownPath = (path: string | null): string => (path && /^\/(?![/\\])/.test(path) ? path : "/");

export default function SignInPage() {
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, submit } = useSubmit(async () => {
    await signIn(email, password);
    router.replace(ownPath(new URLSearchParams(window.location.search).get("next")));
  });
  return (
    <Entrance
      title="Sign in"
      note={
        <>
          New here?{" "}
          <Link className="link" href="/sign-up/">
            Create an organization
          </Link>
        </>
      }
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <Field label="Email" error={fieldError(error, "/email")}>
          {(control) => <Input {...control} type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <Field label="Password" error={fieldError(error, "/password")}>
          {(control) => <Input {...control} type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />}
        </Field>
        {error ? <ErrorState error={error} /> : null}
        <Button type="submit" variant="primary" size="large" busy={busy}>
          Sign in
        </Button>
      </form>
    </Entrance>
  );
}
