import { describe, expect, it } from "vitest";
import { parseCondition, renderCondition, renderConditions } from "./filters";

describe("the short form of filters", () => {
  it("comes back equal after being rendered", () => {
    const conditions = [
      { field: "phase", operator: "in", value: "draft,review" },
      { field: "total", operator: "gte", value: "100" },
      { field: "attr.colour", operator: "eq", value: "red" },
    ] as const;
    expect(conditions.map(renderCondition)).toEqual(["in:draft,review", "gte:100", "red"]);
    expect(conditions.map((condition) => parseCondition(condition.field, renderCondition(condition)))).toEqual(conditions);
  });

  it("takes a colon in a value as part of it", () => {
    expect(parseCondition("number", "PO:7")).toEqual({ field: "number", operator: "eq", value: "PO:7" });
    expect(parseCondition("number", ":7")).toEqual({ field: "number", operator: "eq", value: ":7" });
  });

  it("asks for both ends of a range", () => {
    const from = { field: "due_on", operator: "gte", value: "2026-01-01" } as const;
    const to = { field: "due_on", operator: "lte", value: "2026-01-31" } as const;
    expect(renderConditions([from, to])).toEqual({ due_on: ["gte:2026-01-01", "lte:2026-01-31"] });
  });
});
