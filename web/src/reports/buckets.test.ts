import { describe, expect, it } from "vitest";
import { bucketMarks, bucketOf } from "./buckets";

describe("an open item's bucket", () => {
  it("is not due until the day after its due date", () => {
    expect(bucketOf(-12)).toBe("not_due");
    expect(bucketOf(0)).toBe("not_due");
    expect(bucketOf(1)).toBe("days_1_30");
  });

  it("holds both its ends", () => {
    expect([30, 31, 60, 61, 90, 91].map(bucketOf)).toEqual(["days_1_30", "days_31_60", "days_31_60", "days_61_90", "days_61_90", "over_90"]);
  });
});

it("leads from each bar of the ageing to the items in it", () => {
  const totals = { not_due: "10.00", days_1_30: "2.50", days_31_60: "0.00", days_61_90: "0.00", over_90: "-1.00", total: "11.50" };
  const marks = bucketMarks(totals, (bucket) => `/items?bucket=${bucket}`);
  expect(marks.map((mark) => mark.value)).toEqual(["10.00", "2.50", "0.00", "0.00", "-1.00"]);
  expect(marks[1]?.href).toBe("/items?bucket=days_1_30");
});
