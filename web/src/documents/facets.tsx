import type { BusinessDocument } from "@/api/types";
import { isZero } from "@/lib/decimal";
import { Badge } from "@/ui/badge";
import { decimalOf } from "./amounts";
import type { Match } from "./notices";

/** What other documents have made of a posted invoice: whether it matches, whether it may be paid, whether it is. */
export function Facets({ document }: { readonly document: BusinessDocument }) {
  if (document.phase !== "active") return null;
  const match = document.match as Match | null | undefined;
  const balance = decimalOf(document.balance);
  return (
    <>
      {match?.status === "matched" ? <Badge tone="positive">Matched</Badge> : null}
      {document.payment_block ? <Badge tone="warning">Payment blocked</Badge> : null}
      {balance !== null && isZero(balance) ? <Badge tone="positive">Paid</Badge> : null}
    </>
  );
}
