import { Download, X } from "lucide-react";
import { useRef, useState } from "react";
import { refLabel, refValue } from "@/api/names";
import { type ListQuery, pagesOf } from "@/api/resources";
import type { Row } from "@/api/types";
import { toCsv } from "@/lib/csv";
import { today } from "@/lib/format";
import { saveFile } from "@/lib/save-file";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { stateLabel } from "./registry";
import type { DocumentType, ListColumn } from "./types/shape";

interface ExportButtonProps {
  readonly type: DocumentType;
  /** As the list asks: what is exported is what it would show to its end. */
  readonly query: ListQuery;
}

/** The whole list as filtered and sorted, as a CSV file; it tells how far it is and can be stopped. */
export function ExportButton({ type, query }: ExportButtonProps) {
  const [count, setCount] = useState<number | null>(null);
  const stopped = useRef(false);
  const run = async () => {
    stopped.current = false;
    setCount(0);
    const rows: Row[] = [];
    try {
      for await (const page of pagesOf(type.collection, query)) {
        rows.push(...page);
        if (stopped.current) return;
        setCount(rows.length);
      }
      saveFile(new Blob([toCsv(tableOf(type, rows))], { type: "text/csv;charset=utf-8" }), `${type.plural.toLowerCase().replaceAll(" ", "-")}-${today()}.csv`);
      toast.done(`${rows.length} ${rows.length === 1 ? "row" : "rows"} exported`);
    } catch (error) {
      toast.failed(error);
    } finally {
      setCount(null);
    }
  };
  return (
    <>
      <span role="status" className="text-xs text-muted empty:absolute">
        {count === null ? null : `${count} rows read`}
      </span>
      {count === null ? (
        <Button icon={<Download aria-hidden />} onClick={() => void run()}>
          Export
        </Button>
      ) : (
        <Button
          icon={<X aria-hidden />}
          onClick={() => {
            stopped.current = true;
          }}
        >
          Stop
        </Button>
      )}
    </>
  );
}

/** The columns of the list, then the currency of their amounts: figures go without marks, dates as YYYY-MM-DD. */
export function tableOf(type: DocumentType, rows: readonly Row[]): string[][] {
  return [
    [...type.list.map((spec) => spec.label), "Currency"],
    ...rows.map((row) => [...type.list.map((spec) => textOf(spec, row)), String(row.currency ?? "")]),
  ];
}

function textOf(spec: ListColumn, row: Row): string {
  const value = row[spec.name];
  if (value === null || value === undefined) return "";
  if (spec.name === "state") return stateLabel(String(row.type), String(value), String(row.phase));
  if (spec.kind === "choice") return spec.choices?.find((choice) => choice.value === value)?.label ?? String(value);
  return refLabel(value) || (refValue(value) ?? String(value));
}
