import type { EffectEntry, Effects } from "@/api/types";
import { humanize } from "@/lib/format";
import { Money } from "@/ui/figures";
import { Reference } from "@/ui/reference";

/** What an action would do, told by its dry run: nothing of it is kept. */
export function EffectsView({ effects, currency }: { readonly effects: Effects; readonly currency: string | undefined }) {
  const events = effects.events.map((event) => (typeof event === "string" ? event : event.type));
  const nothing =
    effects.journal_entries.length + effects.stock_moves.length + effects.budget.length + effects.tasks.length === 0;
  return (
    <div className="flex flex-col gap-4">
      {nothing ? <p className="text-muted">No bookings, stock moves or budget changes.</p> : null}
      {effects.journal_entries.map((entry, index) => (
        <EntryTable key={index} entry={entry} currency={entry.currency ?? currency} />
      ))}
      <RecordTable title="Stock moves" records={effects.stock_moves} />
      <RecordTable title="Budget" records={effects.budget} />
      <RecordTable title="Who is asked next" records={effects.tasks} />
      {events.length > 0 ? (
        <p className="text-xs text-muted">
          Tells the world: {events.map((event) => <code key={event} className="mr-2 font-mono text-2xs">{event}</code>)}
        </p>
      ) : null}
    </div>
  );
}

const EntryTable = ({ entry, currency }: { readonly entry: EffectEntry; readonly currency: string | undefined }) => (
  <table className="w-full">
    <caption className="pb-1 text-left text-xs font-semibold text-muted">
      Journal entry{entry.book && entry.book !== "actual" ? `, ${entry.book} book` : ""}
      {entry.entry_date ? `, ${entry.entry_date}` : ""}
    </caption>
    <thead>
      <tr className="text-xs text-muted">
        <th scope="col" className="border-b border-line py-1 text-left font-medium">Account</th>
        <th scope="col" className="border-b border-line py-1 text-right font-medium">Debit</th>
        <th scope="col" className="border-b border-line py-1 text-right font-medium">Credit</th>
      </tr>
    </thead>
    <tbody>
      {entry.lines.map((line, index) => (
        <tr key={index}>
          <td className="border-b border-line py-1">
            <Reference value={line.account} withCode />
          </td>
          <td className="border-b border-line py-1 text-right">{line.debit ? <Money amount={line.debit} currency={currency} /> : null}</td>
          <td className="border-b border-line py-1 text-right">{line.credit ? <Money amount={line.credit} currency={currency} /> : null}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

type Records = readonly Readonly<Record<string, unknown>>[];

/** Records whose members the server decides, as a small table. */
function RecordTable({ title, records }: { readonly title: string; readonly records: Records }) {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))].filter((name) => !name.endsWith("id"));
  if (records.length === 0) return null;
  return (
    <div className="overflow-x-auto">
      <table className="w-full">
        <caption className="pb-1 text-left text-xs font-semibold text-muted">{title}</caption>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col" className="border-b border-line py-1 pr-3 text-left text-xs font-medium text-muted">
                {humanize(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, index) => (
            <tr key={index}>
              {names.map((name) => (
                <td key={name} className="border-b border-line py-1 pr-3">
                  <Reference value={record[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
