import { useQueryClient } from "@tanstack/react-query";
import { actOnRow, patchRow } from "@/api/resources";
import type { Row } from "@/api/types";
import { useSubmit } from "@/lib/use-submit";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import type { MasterKind } from "./registry";

interface RetirementProps {
  readonly kind: MasterKind;
  readonly record: Row;
  readonly onDone: () => void;
}

/** Takes a record out of use, or back: nothing new may name it, and what names it already stays. */
export function Retirement({ kind, record, onDone }: RetirementProps) {
  const queries = useQueryClient();
  const active = record.active !== false;
  const { busy, submit } = useSubmit(async () => {
    try {
      const version = Number(record.version);
      if (kind.retired === "member") await patchRow(kind.collection, record.id, { active: !active }, { version });
      else await actOnRow(kind.collection, record.id, active ? "deactivate" : "activate", { version });
      await queries.invalidateQueries();
      toast.done(`${String(record.name)} is ${active ? "out of use" : "in use again"}`);
      onDone();
    } catch (refusal) {
      toast.failed(refusal);
    }
  });
  return (
    <Button busy={busy} onClick={() => void submit()}>
      {active ? "Deactivate" : "Activate"}
    </Button>
  );
}
