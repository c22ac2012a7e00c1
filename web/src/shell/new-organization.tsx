import { type ComponentProps, useState } from "react";
import { foundOrganization } from "@/api/auth";
import { fieldError } from "@/api/errors";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";

const EMPTY = { organization: "", company: "", country: "", currency: "EUR" };

interface NewOrganizationProps {
  readonly onFounded: () => void;
  readonly onClose: () => void;
}

/** One more organization of somebody who is signed in: with a database of its own, and nothing of this one in it. */
export function NewOrganization({ onFounded, onClose }: NewOrganizationProps) {
  const [values, setValues] = useState(EMPTY);
  const { organization, company, country, currency } = values;
  const run = async () => {
    await foundOrganization({
      organization: { name: organization },
      company: { name: company || organization, country: country.toUpperCase(), currency: currency.toUpperCase() },
    });
    toast.done(`You are in ${organization} now`);
    onFounded();
  };
  const field = (name: keyof typeof EMPTY, label: string, error: string | undefined, props: ComponentProps<"input"> = {}) => (
    <Field label={label} error={error}>
      {(control) => (
        <Input {...control} required value={values[name]} onChange={(event) => setValues((now) => ({ ...now, [name]: event.target.value }))} {...props} />
      )}
    </Field>
  );
  return (
    <FormDialog title="New organization" description="Apart from this one in everything: members, data, files." label="Create" run={run} onClose={onClose}>
      {(error) => (
        <>
          {field("organization", "Organization", fieldError(error, "/organization/name"), { autoFocus: true, autoComplete: "organization" })}
          {field("company", "Company, if its legal name differs", fieldError(error, "/company/name"), { required: false })}
          <div className="grid grid-cols-2 gap-3">
            {field("country", "Country", fieldError(error, "/company/country"), { maxLength: 2, placeholder: "DE", className: "uppercase" })}
            {field("currency", "Currency", fieldError(error, "/company/currency"), { maxLength: 3, className: "uppercase" })}
          </div>
        </>
      )}
    </FormDialog>
  );
}
