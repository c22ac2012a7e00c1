import { refLabel, refValue } from "@/api/names";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { useMoment } from "./moment";

/** Narrows a report to one party; its name stays in the address, so that a link shows it before anything is looked up. */
export function PartyFilter({ member, label }: { readonly member: "supplier" | "party"; readonly label: string }) {
  const { params, update } = useMoment();
  const id = params.get(member);
  return (
    <Field label={label} className="sm:w-52">
      {(control) => (
        <Combobox
          {...control}
          kind={member}
          placeholder="All"
          value={id ? { id, name: params.get("name") ?? id } : ""}
          onValue={(value) => update({ [member]: refValue(value) || null, name: refLabel(value) || null })}
        />
      )}
    </Field>
  );
}
