import { type ComponentProps, useState } from "react";
import { foundOrganization } from "@/api/auth";
import { fieldError } from "@/api/errors";
import { COUNTRIES } from "@/lib/countries";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input, Select } from "@/ui/input";
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
      company: { name: company || organization, country, currency: currency.toUpperCase() },
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
            <Field label="Country" error={fieldError(error, "/company/country")}>
              {(control) => (
                <Select
                  {...control}
                  required
                  placeholder=""
                  choices={COUNTRIES}
                  value={country}
                  onChange={(event) => setValues((now) => ({ ...now, country: event.target.value }))}
                />
              )}
            </Field>
            {field("currency", "Currency", fieldError(error, "/company/currency"), { maxLength: 3, className: "uppercase" })}
          </div>
        </>
      )}
    </FormDialog>
  );
}
