import { Money, Quantity } from "@/ui/figures";
import type { Total } from "./types/shape";

/** What lines add up to: an amount in the document's currency, or a quantity. */
export const TotalFigure = ({ total, currency }: { readonly total: Total; readonly currency: string | null | undefined }) =>
  total.kind === "quantity" ? <Quantity quantity={total.value} /> : <Money amount={total.value} currency={currency} />;
