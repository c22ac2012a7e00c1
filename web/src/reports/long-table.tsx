import { type ComponentProps, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";

const AT_ONCE = 200;

/** A table of any length: later rows are painted when somebody asks for them or prints, for thousands at once make wait. */
export function LongTable<R>({ rows, ...table }: ComponentProps<typeof DataTable<R>>) {
  const [count, setCount] = useState(AT_ONCE);
  useEffect(() => {
    const all = () => flushSync(() => setCount(Number.POSITIVE_INFINITY));
    window.addEventListener("beforeprint", all);
    return () => window.removeEventListener("beforeprint", all);
  }, []);
  return (
    <>
      <DataTable {...table} rows={rows.slice(0, count)} />
      {rows.length > count ? (
        <div className="flex items-center justify-between gap-3 border-t border-line px-4 py-2.5 text-xs text-muted" data-print="none">
          {count} of {rows.length} rows
          <Button size="small" onClick={() => setCount((now) => now * 5)}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}
