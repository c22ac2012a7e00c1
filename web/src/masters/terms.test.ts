import { describe, expect, it } from "vitest";
import { describeTerms, storedParts, typedPart } from "./terms";

describe("payment terms in words", () => {
  it("tell of one part only when it is due", () => {
    expect(describeTerms([{ remainder: true, days: 14 }])).toBe("in 14 days");
    expect(describeTerms([{ remainder: true, days: 0 }])).toBe("at once");
  });

  it("tell each part's share, the last as the rest", () => {
    expect(describeTerms([{ percent: "30", days: 1 }, { remainder: true, months: 2, day_of_month: 15 }])).toBe(
      "30 % in 1 day, the rest in 2 months on day 15",
    );
  });
});

it("sends what it was told, the last part as the remainder", () => {
  const stored = [{ percent: "30", days: 14 }, { remainder: true, months: 1, day_of_month: 5 }];
  expect(storedParts(stored.map(typedPart))).toEqual(stored);
});
