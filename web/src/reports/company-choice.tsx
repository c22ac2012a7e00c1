import type { ControlProps } from "@/ui/field";
import { Select } from "@/ui/input";
import { useMoment } from "./moment";

/** Whose figures a page shows; nothing to choose where there is one company. */
export function CompanyChoice(control: Partial<ControlProps>) {
  const { companies, moment, update } = useMoment();
  if (companies.length < 2) return null;
  return (
    <Select
      aria-label="Company"
      className="sm:w-44"
      {...control}
      choices={companies.map((company) => ({ value: company.code, label: company.name }))}
      value={moment.company ?? ""}
      onChange={(event) => update({ company: event.target.value })}
    />
  );
}
