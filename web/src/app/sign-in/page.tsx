"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { signIn } from "@/api/auth";
import { enterOrganization } from "@/api/client";
import { fieldError } from "@/api/errors";
import type { Organization } from "@/api/types";
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
  const [organizations, setOrganizations] = useState<readonly Organization[]>([]);
  const { busy, error, submit } = useSubmit(async () => {
    const mine = await signIn(email, password);
    const next = new URLSearchParams(window.location.search).get("next");
    // Who was sent here from a page goes back to it, in the organization of its tab.
    if (mine.length > 1 && !next) setOrganizations(mine);
    else router.replace(ownPath(next));
  });
  if (organizations.length > 0) return <ChooseOrganization organizations={organizations} onEntered={() => router.replace("/")} />;
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

interface ChooseOrganizationProps {
  readonly organizations: readonly Organization[];
  readonly onEntered: () => void;
}

function ChooseOrganization({ organizations, onEntered }: ChooseOrganizationProps) {
  const [entering, setEntering] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const enter = async (slug: string) => {
    setEntering(slug);
    setError(null);
    try {
      await enterOrganization(slug);
      onEntered();
    } catch (refusal) {
      setError(refusal);
      setEntering(null);
    }
  };
  return (
    <Entrance title="Choose an organization" note="You can change to another at any time, above the navigation.">
      <div className="flex flex-col gap-2">
        {organizations.map(({ id, slug, name, accepted }, index) => (
          <Button
            key={id}
            size="large"
            autoFocus={index === 0}
            busy={entering === slug}
            disabled={entering !== null}
            className="justify-between"
            onClick={() => void enter(slug)}
          >
            {name}
            <span className="text-xs font-normal text-muted">{accepted ? slug : "Invitation"}</span>
          </Button>
        ))}
        {error ? <ErrorState error={error} /> : null}
      </div>
    </Entrance>
  );
}
