import type { BusinessDocument, EffectEntry, Effects } from "@/api/types";
import { refLabel, refValue } from "@/api/names";
import { formatQuantity, humanize } from "@/lib/format";
import { Money } from "@/ui/figures";
import type { Values } from "./types/shape";

interface EffectsProps {
  readonly effects: Effects;
  /** The document as it would be afterwards. */
  readonly document: BusinessDocument;
}

/** What an action would do, told by its dry run: nothing of it is kept. */
export function EffectsView({ effects, document }: EffectsProps) {
  const none = [effects.journal_entries, effects.stock_moves, effects.budget, effects.tasks].every((list) => list.length === 0);
  return (
    <div className="flex flex-col gap-4">
      {none ? <p className="text-muted">No bookings, stock moves or budget changes.</p> : null}
      {effects.journal_entries.map((entry, index) => (
        <EntryTable key={index} entry={entry} />
      ))}
      <StockMoves moves={effects.stock_moves} />
      <BudgetChanges changes={effects.budget} document={document} />
      {effects.tasks.length > 0 ? <p>Then it waits for approval.</p> : null}
      {effects.events.length > 0 ? (
        <p className="text-xs text-muted">
          Connected systems are told: {effects.events.map(({ type }) => <code key={type} className="mr-2 font-mono text-2xs">{type}</code>)}
        </p>
      ) : null}
    </div>
  );
}

const HEAD = "border-b border-line py-1 text-xs font-medium text-muted";
const CELL = "border-b border-line py-1";
const CAPTION = "pb-1 text-left text-xs font-semibold text-muted";

const EntryTable = ({ entry }: { readonly entry: EffectEntry }) => (
  <table className="w-full">
    <caption className={CAPTION}>
      Journal entry{entry.book === "actual" ? "" : `, ${entry.book} book`}, {entry.effective_on}, {entry.currency}
    </caption>
    <thead>
      <tr>
        <th scope="col" className={`${HEAD} text-left`}>Account</th>
        <th scope="col" className={`${HEAD} w-32 text-right`}>Debit</th>
        <th scope="col" className={`${HEAD} w-32 text-right`}>Credit</th>
      </tr>
    </thead>
    <tbody>
      {entry.lines.map((line, index) => (
        <tr key={index}>
          <td className={CELL}>
            <span className="mr-1.5 text-faint">{line.account}</span>
            {line.account_name}
          </td>
          <td className={`${CELL} text-right`}>{line.debit ? <Money amount={line.debit} /> : null}</td>
          <td className={`${CELL} text-right`}>{line.credit ? <Money amount={line.credit} /> : null}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

function StockMoves({ moves }: { readonly moves: Effects["stock_moves"] }) {
  if (moves.length === 0) return null;
  return (
    <table className="w-full">
      <caption className={CAPTION}>Stock moves</caption>
      <tbody>
        {moves.map((move, index) => (
          <tr key={index}>
            <td className={CELL}>{move.sku}</td>
            <td className={`${CELL} text-right`}>
              {formatQuantity(move.quantity)} {move.unit}
            </td>
            <td className={`${CELL} w-32 text-right`}>
              <Money amount={move.value} currency={move.currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Changes name budget lines by id; the document's own lines tell their codes. */
function BudgetChanges({ changes, document }: { readonly changes: Effects["budget"]; readonly document: BusinessDocument }) {
  if (changes.length === 0) return null;
  const lines = (document.lines as readonly Values[] | undefined) ?? [];
  const codeOf = (id: string) => refLabel(lines.map((line) => line.budget_line).find((line) => refValue(line) === id));
  return (
    <table className="w-full">
      <caption className={CAPTION}>Budget</caption>
      <tbody>
        {changes.map(({ budget_line: line, code, warning, ...amounts }, index) => (
          <tr key={index}>
            <td className={CELL}>
              {code ?? (codeOf(line) || "Budget line")}
              {warning ? <span className="ml-2 font-medium text-warning">Exceeds the budget</span> : null}
            </td>
            <td className={`${CELL} text-right`}>
              {Object.entries(amounts).map(([member, amount]) => (
                <span key={member} className="ml-4 whitespace-nowrap">
                  <span className="mr-1.5 text-xs text-muted">{MEMBERS[member] ?? humanize(member)}</span>
                  <Money amount={amount} />
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const MEMBERS: Readonly<Record<string, string>> = { pre_encumbered: "Requested", encumbered: "Ordered" };
