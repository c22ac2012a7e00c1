import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { SIDES, sideOf } from "./buckets";
import { useMoment } from "./moment";

export function SideFilter() {
  const { params, update } = useMoment();
  return (
    <Field label="Side" className="sm:w-36">
      {(control) => (
        <Select
          {...control}
          choices={SIDES}
          value={sideOf(params)}
          onChange={(event) => update({ side: event.target.value === "payable" ? null : event.target.value })}
        />
      )}
    </Field>
  );
}
