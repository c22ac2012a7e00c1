import { useState } from "react";
import { isRef } from "@/api/names";
import type { Ref } from "@/api/types";
import { Combobox } from "@/ui/combobox";
import { Field } from "@/ui/field";
import type { DocumentType } from "../types/shape";

interface StartFromProps {
  readonly type: DocumentType;
  readonly onStart: (source: string, id: string) => void;
}

/** Begins with what is still open of another document. A type whose header names that document needs no second field. */
export function StartFrom({ type, onStart }: StartFromProps) {
  const [typed, setTyped] = useState<Ref>("");
  const [source] = type.sources;
  if (!source || type.header.some((spec) => spec.name === source.type)) return null;
  return (
    <div className="mb-4 max-w-sm">
      <Field label={`Start from a ${source.label.toLowerCase()}`}>
        {(control) => (
          <Combobox
            {...control}
            kind={source.reference}
            value={typed}
            placeholder="Number, or leave empty"
            onValue={(value) => {
              setTyped(value);
              if (isRef(value)) onStart(source.type, value.id);
            }}
          />
        )}
      </Field>
    </div>
  );
}
