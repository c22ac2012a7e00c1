import { type BalanceQuery, useAccountBalance } from "@/api/reports";
import { ExplanationTable } from "@/documents/explanation";
import { ErrorState, Skeleton } from "@/ui/states";

interface AccountRowsProps {
  readonly code: string;
  readonly label: string;
  readonly query: BalanceQuery;
}

/** What adds up to the balance of an account. */
export function AccountRows({ code, label, query }: AccountRowsProps) {
  const { data, error } = useAccountBalance(code, query, true);
  if (error) return <ErrorState error={error} />;
  if (!data?.explain) return <Skeleton className="h-16" />;
  return <ExplanationTable label={label} rows={data.explain.rows} value={data.explain.value} knownAt={data.known_at} />;
}
