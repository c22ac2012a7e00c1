"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ComponentProps, useState } from "react";
import { signUp } from "@/api/auth";
import { fieldError } from "@/api/errors";
import { InvitationFields, useInvitation } from "@/settings/invitation";
import { useCountries } from "@/lib/countries";
import { PASSWORD_HINT, PASSWORD_LENGTH } from "@/lib/password";
import { useSubmit } from "@/lib/use-submit";
import { Entrance } from "@/shell/entrance";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { ErrorState } from "@/ui/states";

const EMPTY = { name: "", email: "", password: "", organization: "", company: "", country: "", currency: "EUR" };
type Values = typeof EMPTY;

export default function SignUpPage() {
  const router = useRouter();
  const [created, setCreated] = useState(false);
  return created ? <Colleague onDone={() => router.replace("/")} /> : <Account onCreated={() => setCreated(true)} />;
}

function Colleague({ onDone }: { readonly onDone: () => void }) {
  const invitation = useInvitation(["approver"]);
  const { busy, error, submit } = useSubmit(async () => {
    await invitation.send();
    onDone();
  });
  return (
    <Entrance
      title="Invite a colleague"
      note="Who asks for something to be bought may not approve it: a second person is needed before anything can be ordered."
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <InvitationFields invitation={invitation} error={error} />
        {error ? <ErrorState error={error} /> : null}
        <Button type="submit" variant="primary" size="large" busy={busy} disabled={!invitation.complete}>
          Invite
        </Button>
      </form>
      <Button variant="ghost" className="mt-2 w-full" onClick={onDone}>
        Later
      </Button>
    </Entrance>
  );
}

function Account({ onCreated }: { readonly onCreated: () => void }) {
  const [values, setValues] = useState<Values>(EMPTY);
  const countries = useCountries();
  const { busy, error, submit } = useSubmit(async () => {
    const { name, email, password, organization, company, country, currency } = values;
    await signUp({
      name,
      email,
      password,
      organization: { name: organization },
      company: { name: company || organization, country, currency: currency.toUpperCase() },
    });
    onCreated();
  });
  const field = (name: keyof Values, label: string, path: string, props: ComponentProps<"input"> = {}, hint?: string) => (
    <Field label={label} error={fieldError(error, path)} hint={hint}>
      {(control) => (
        <Input {...control} required value={values[name]} onChange={(event) => setValues((now) => ({ ...now, [name]: event.target.value }))} {...props} />
      )}
    </Field>
  );
  return (
    <Entrance
      title="Create an organization"
      note={
        <>
          Already have one?{" "}
          <Link className="link" href="/sign-in/">
            Sign in
          </Link>
        </>
      }
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        {field("name", "Your name", "/name", { autoComplete: "name", autoFocus: true })}
        {field("email", "Email", "/email", { type: "email", autoComplete: "username" })}
        {field("password", "Password", "/password", { type: "password", autoComplete: "new-password", minLength: PASSWORD_LENGTH }, PASSWORD_HINT)}
        {field("organization", "Organization", "/organization/name", { autoComplete: "organization" })}
        {field("company", "Company", "/company/name", { required: false }, "Its legal name; empty if it is the organization's")}
        <div className="grid grid-cols-2 gap-3">
          <Field label="Country" error={fieldError(error, "/company/country")}>
            {(control) => (
              <Select
                {...control}
                required
                autoComplete="country"
                placeholder=""
                choices={countries}
                value={values.country}
                onChange={(event) => setValues((now) => ({ ...now, country: event.target.value }))}
              />
            )}
          </Field>
          {field("currency", "Currency", "/company/currency", { maxLength: 3, className: "uppercase" })}
        </div>
        {error ? <ErrorState error={error} /> : null}
        <Button type="submit" variant="primary" size="large" busy={busy}>
          Create
        </Button>
      </form>
    </Entrance>
  );
}
