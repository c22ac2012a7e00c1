import { refLabel } from "@/api/names";
import { useTasks } from "@/api/tasks";
import { typeOf } from "@/documents/registry";
import { humanize } from "@/lib/format";
import { Age, Money } from "@/ui/figures";
import { Tile, TileNote, TileRow } from "./tile";

const SHOWN = 6;

export function MyTasks() {
  const tasks = useTasks();
  return (
    <Tile title="Waiting for me" href="/approvals/" more={tasks.data?.length ? `All ${tasks.data.length}` : "Approvals"} query={tasks}>
      {(waiting) =>
        waiting.length === 0 ? (
          <TileNote>Nothing waits for you. Documents that need your approval come here.</TileNote>
        ) : (
          <ul>
            {waiting.slice(0, SHOWN).map((task) => (
              <TileRow
                key={task.id}
                href={`/approvals/?task=${task.id}`}
                title={task.number ?? "Draft"}
                detail={
                  <>
                    {typeOf(task.type)?.singular ?? humanize(task.type)}, {refLabel(task.created_by)}, <Age instant={task.created_at} />
                  </>
                }
                figure={<Money amount={task.total} currency={task.currency} />}
              />
            ))}
          </ul>
        )
      }
    </Tile>
  );
}
