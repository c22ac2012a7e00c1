import { Printer } from "lucide-react";
import type { ReactNode } from "react";
import { type ReportAnswer, type ReportName, type ReportQuery, useReport } from "@/api/reports";
import { formatDate, formatInstant } from "@/lib/format";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/page-header";
import { ErrorState, LoadingRows } from "@/ui/states";
import { type Moment, useMoment } from "./moment";
import { MomentBar } from "./moment-bar";

interface ReportPageProps<N extends ReportName> {
  readonly name: N;
  readonly title: string;
  readonly crumb?: { readonly href: string; readonly label: string };
  /** What the report asks beyond company and moment. */
  readonly query?: Omit<ReportQuery<N>, keyof Moment>;
  readonly span?: boolean;
  /** Controls that narrow it. */
  readonly filters?: ReactNode;
  readonly children: (answer: ReportAnswer<N>) => ReactNode;
}

/** One report: its moment and filters, then its figures, or why there are none. */
export function ReportPage<N extends ReportName>({ name, title, crumb, query, span, filters, children }: ReportPageProps<N>) {
  const { moment, ready } = useMoment();
  const { data, error, isPlaceholderData, refetch } = useReport(name, { ...moment, ...query } as ReportQuery<N>, ready);
  return (
    <>
      <PageHeader
        title={title}
        {...(crumb ? { crumb } : {})}
        note={data ? <Basis currency={data.currency} moment={moment} /> : null}
        actions={
          <Button data-print="none" icon={<Printer aria-hidden />} onClick={() => window.print()}>
            Print
          </Button>
        }
      />
      <div className="panel overflow-hidden">
        <MomentBar {...(span ? { span } : {})}>{filters}</MomentBar>
        <div aria-busy={isPlaceholderData || undefined} className={isPlaceholderData ? "opacity-60 transition-opacity" : undefined}>
          {error ? (
            <div className="p-4">
              <ErrorState error={error} onRetry={() => void refetch()} />
            </div>
          ) : null}
          {data ? children(data) : error ? null : <LoadingRows label={`Loading ${title.toLowerCase()}`} />}
        </div>
      </div>
    </>
  );
}

/** Said once for the whole page: the currency of its amounts, and the moment when it is not now. */
export const Basis = ({ currency, moment }: { readonly currency: string; readonly moment: Moment }) => (
  <>
    Amounts in {currency}
    {moment.as_of ? `, as of ${formatDate(moment.as_of)}` : ""}
    {moment.known_at ? `, as known at ${formatInstant(moment.known_at)}` : ""}
  </>
);
