import Link from "next/link";
import type { Schemas } from "@/api/reports";
import { ExplainPopover } from "@/documents/explanation";
import { Money } from "@/ui/figures";
import { AccountRows } from "./account-rows";
import type { Moment } from "./moment";

interface SectionProps {
  readonly title: string;
  readonly rows: readonly Schemas["StatementRow"][];
  readonly total: string;
  /** Lines that no account holds, such as the result of the year. */
  readonly extras?: readonly { readonly label: string; readonly href: string; readonly amount: string }[];
  readonly href: (account: string) => string;
  /** Given where an account's whole balance stands here, so that its rows explain it; a span of days is told by its ledger. */
  readonly moment?: Moment;
}

/** One side of a statement: its accounts, each leading to its ledger, and their sum. */
export const Section = ({ title, rows, total, extras = [], href, moment }: SectionProps) => (
  <table className="w-full">
    <caption className="px-4 pt-4 pb-1 text-left text-base font-semibold">{title}</caption>
    <thead className="sr-only">
      <tr>
        <th scope="col">Account</th>
        <th scope="col">Amount</th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr key={row.account} className="relative hover:bg-hover focus-within:bg-hover">
          <th scope="row" className="h-9 border-b border-line px-4 py-1 text-left font-normal">
            <Link href={href(row.account)} data-row-link className="quiet-link after:absolute after:inset-0">
              <span className="mr-1 text-faint">{row.account}</span>{" "}
              {row.name}
            </Link>
          </th>
          <td className="border-b border-line px-4 py-1 text-right">
            {moment ? (
              <ExplainPopover
                label={row.name}
                content={<AccountRows code={row.account} label={`${row.account} ${row.name}, debit positive`} query={moment} />}
              >
                <Money amount={row.amount} />
              </ExplainPopover>
            ) : (
              <Money amount={row.amount} />
            )}
          </td>
        </tr>
      ))}
      {extras.map((extra) => (
        <tr key={extra.label} className="relative hover:bg-hover focus-within:bg-hover">
          <th scope="row" className="h-9 border-b border-line px-4 py-1 text-left font-normal">
            <Link href={extra.href} data-row-link className="quiet-link after:absolute after:inset-0">
              {extra.label}
            </Link>
          </th>
          <td className="border-b border-line px-4 py-1 text-right">
            <Money amount={extra.amount} />
          </td>
        </tr>
      ))}
      {rows.length === 0 && extras.length === 0 ? (
        <tr>
          <td colSpan={2} className="h-9 border-b border-line px-4 py-1 text-muted">
            No balances.
          </td>
        </tr>
      ) : null}
    </tbody>
    <tfoot>
      <tr className="font-semibold">
        <th scope="row" className="h-9 px-4 text-left">
          Total {title.toLowerCase()}
        </th>
        <td className="px-4 text-right">
          <Money amount={total} />
        </td>
      </tr>
    </tfoot>
  </table>
);
