import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { useMoment } from "./moment";

const BOOKS = [
  { value: "actual", label: "Actual" },
  { value: "budget", label: "Budget" },
  { value: "commitment", label: "Commitment" },
] as const;

type Book = (typeof BOOKS)[number]["value"];

export const bookOf = (params: URLSearchParams): Book => BOOKS.find(({ value }) => value === params.get("book"))?.value ?? "actual";

export function BookFilter() {
  const { params, update } = useMoment();
  return (
    <Field label="Book" className="sm:w-36">
      {(control) => (
        <Select
          {...control}
          choices={BOOKS}
          value={bookOf(params)}
          onChange={(event) => update({ book: event.target.value === "actual" ? null : event.target.value })}
        />
      )}
    </Field>
  );
}
