import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import type { BusinessDocument } from "@/api/types";
import { type Outcome, outcomeOf, told, totals } from "./outcomes";

const answered = (phase: string) => () => Promise.resolve({ phase } as BusinessDocument);

describe("several approvals at once", () => {
  it("tell apart what is approved, what waits for another approver, and what is refused, with the refusal's words", async () => {
    expect(await outcomeOf(answered("active"))).toEqual({ kind: "approved", text: "Approved" });
    expect((await outcomeOf(answered("review"))).kind).toBe("approved");
    expect(await outcomeOf(answered("review"))).not.toEqual(await outcomeOf(answered("active")));
    const refusal = new ApiError(409, "BUDGET_EXCEEDED", "The budget line has 3.00 left.", {}, null);
    expect(await outcomeOf(() => Promise.reject(refusal))).toEqual({ kind: "refused", text: "The budget line has 3.00 left." });
  });

  it("are counted in full, also those that were not sent any more", () => {
    const outcomes = new Map<string, Outcome>([
      ["a", { kind: "approved", text: "" }],
      ["b", { kind: "refused", text: "" }],
    ]);
    expect(told(outcomes, 2)).toBe("1 approved, 1 refused");
    expect(told(outcomes, 5)).toBe("1 approved, 1 refused, 3 not sent");
    expect(told(new Map([["a", { kind: "approved", text: "" }]]), 1)).toBe("1 approved");
  });

  it("are summed by currency", () => {
    expect(totals([{ total: "0.10", currency: "EUR" }, { total: "7", currency: "JPY" }, { total: "0.20", currency: "EUR" }])).toEqual([
      { currency: "EUR", amount: "0.30" },
      { currency: "JPY", amount: "7" },
    ]);
  });
});
