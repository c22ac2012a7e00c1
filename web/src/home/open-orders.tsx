import { useQuery } from "@tanstack/react-query";
import { refLabel } from "@/api/names";
import { useReport } from "@/api/reports";
import { listRows } from "@/api/resources";
import { documentHref, listHref } from "@/documents/registry";
import { purchaseOrder } from "@/documents/types/procurement";
import { BarList } from "@/ui/charts";
import { DateText, Money } from "@/ui/figures";
import { useMoment } from "@/reports/moment";
import { bySupplier } from "./by-supplier";
import { Tile, TileNote, TileRow } from "./tile";

const SHOWN = 4;
const SUPPLIERS = 5;
const TO_COME = "in:none,partial";
const OPEN = `${listHref(purchaseOrder)}?phase=in:active&receipt_status=${TO_COME}`;

/** The latest orders of which something is still to come, and by whom most of it. */
export function OpenOrders() {
  const { moment, ready, href } = useMoment();
  const orders = useQuery({
    queryKey: ["list", purchaseOrder.collection, "open"],
    queryFn: () => listRows(purchaseOrder.collection, { where: { phase: "active", receipt_status: TO_COME }, sort: "-order_date", limit: SHOWN }),
  });
  const commitments = useReport("procurement/commitments", moment, ready);
  const suppliers = bySupplier(commitments.data?.rows ?? []).slice(0, SUPPLIERS);
  return (
    <Tile title="Open orders" href={OPEN} more="All open orders" query={orders}>
      {({ data }) =>
        data.length === 0 ? (
          <TileNote>No order is open. Approved purchase orders show here until everything has come.</TileNote>
        ) : (
          <>
            <ul>
              {data.map((order) => (
                <TileRow
                  key={order.id}
                  href={documentHref(purchaseOrder.code, order.id)}
                  title={String(order.number)}
                  detail={
                    <>
                      {refLabel(order.supplier)}, <DateText date={order.order_date} />
                    </>
                  }
                  figure={<Money amount={order.total} currency={String(order.currency)} />}
                />
              ))}
            </ul>
            {suppliers.length > 0 ? (
              <div className="border-t border-line px-4 pt-3">
                <h3 className="mb-1 text-xs font-medium text-muted">Still to come by supplier, {commitments.data?.currency}</h3>
                <BarList
                  title="Still to come by supplier"
                  marks={suppliers.map(({ supplier, name, amount }) => ({
                    key: supplier,
                    label: name,
                    value: amount,
                    href: href("/procurement/commitments/", { supplier, name }),
                  }))}
                />
              </div>
            ) : null}
          </>
        )
      }
    </Tile>
  );
}
