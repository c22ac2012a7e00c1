import { useQuery } from "@tanstack/react-query";
import { useMe } from "@/api/me";
import { listRows } from "@/api/resources";
import { documentHref, listHref, stateLabel } from "@/documents/registry";
import { requisition } from "@/documents/types/procurement";
import { PhaseBadge } from "@/ui/badge";
import { Age, Money } from "@/ui/figures";
import { Tile, TileNote, TileRow } from "./tile";

const SHOWN = 6;

/** What I asked for last, and what has become of it. */
export function MyRequests() {
  const { data: me } = useMe();
  const where = { created_by: me?.principal ?? "" };
  const requests = useQuery({
    queryKey: ["list", requisition.collection, "mine", where],
    queryFn: () => listRows(requisition.collection, { where, sort: "-created_at", limit: SHOWN }),
    enabled: me !== undefined,
  });
  return (
    <Tile title="My requisitions" href={`${listHref(requisition)}?created_by=${where.created_by}`} more="All of mine" query={requests}>
      {({ data }) =>
        data.length === 0 ? (
          <TileNote>{requisition.purpose}</TileNote>
        ) : (
          <ul>
            {data.map((row) => (
              <TileRow
                key={row.id}
                href={documentHref(requisition.code, row.id)}
                title={String(row.number ?? "Draft")}
                detail={
                  <>
                    <PhaseBadge phase={String(row.phase)} state={stateLabel(requisition.code, String(row.state), String(row.phase))} />{" "}
                    <Age instant={String(row.created_at)} />
                  </>
                }
                figure={<Money amount={row.total} currency={String(row.currency)} />}
              />
            ))}
          </ul>
        )
      }
    </Tile>
  );
}
