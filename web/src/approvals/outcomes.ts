import type { BusinessDocument, Task } from "@/api/types";
import { add } from "@/lib/decimal";

/** What became of one of several approvals. */
export type Outcome = { readonly kind: "running" } | { readonly kind: "approved" | "refused"; readonly text: string };

/** The approval done: approved, still short of another approver, or refused with the words of the refusal. */
export async function outcomeOf(approve: () => Promise<BusinessDocument>): Promise<Outcome> {
  try {
    const { phase } = await approve();
    return { kind: "approved", text: phase === "review" ? "Approved by you; somebody else has to approve it too" : "Approved" };
  } catch (error) {
    return { kind: "refused", text: error instanceof Error ? error.message : String(error) };
  }
}

/** "4 approved, 1 refused": what was not reached because somebody stopped is told too. */
export function told(outcomes: ReadonlyMap<string, Outcome>, chosen: number): string {
  const count = (kind: Outcome["kind"]) => [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
  const [approved, refused] = [count("approved"), count("refused")];
  const rest = chosen - approved - refused;
  return [`${approved} approved`, refused > 0 ? `${refused} refused` : "", rest > 0 ? `${rest} not sent` : ""].filter(Boolean).join(", ");
}

/** What the tasks come to, by currency. */
export function totals(tasks: readonly Pick<Task, "total" | "currency">[]): { readonly currency: string; readonly amount: string }[] {
  const sums = new Map<string, string>();
  for (const { total, currency } of tasks) sums.set(currency, add(sums.get(currency) ?? "0", total));
  return [...sums].map(([currency, amount]) => ({ currency, amount }));
}
