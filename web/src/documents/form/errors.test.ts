import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import { LineStore } from "../grid/store";
import { typeOfCollection } from "../registry";
import { placeErrors } from "./errors";

const order = typeOfCollection("procurement/purchase-orders");
const refusal = (details: Record<string, unknown>) => new ApiError(422, "VALIDATION_FAILED", "Not valid.", details, "r1");

describe("a refusal in a form", () => {
  const sent = new LineStore([{ item: "A" }, { item: "B" }]).get();

  it("shows each field at its place", () => {
    const placed = placeErrors(
      order,
      refusal({
        fields: [
          { path: "/supplier", code: "UNKNOWN_REFERENCE", message: "No such supplier." },
          { path: "/lines/1/quantity", code: "VALUE_TOO_PRECISE", message: "Too precise.", allowed: "0.001" },
          { path: "/lines/0/colour", code: "UNKNOWN_FIELD", message: "Unknown." },
        ],
      }),
      sent,
    );
    expect([...placed.header]).toEqual([["supplier", "No such supplier."]]);
    expect([...placed.lines]).toEqual([
      [`${sent[1]?.key}/quantity`, "Too precise. Allowed: 0.001."],
      [`${sent[0]?.key}/`, "Unknown."],
    ]);
    expect(placed.complete).toBe(true);
  });

  it("tells once what is allowed", () => {
    const field = { path: "/lines/0/quantity", code: "GREATER_THAN", message: "Input should be greater than 0", allowed: "0" };
    expect([...placeErrors(order, refusal({ fields: [field] }), sent).lines.values()]).toEqual(["Input should be greater than 0"]);
  });

  it("finds the place of what an amendment would change", () => {
    const placed = placeErrors(order, refusal({ fields: [{ path: "/changes/lines/1/unit_price", code: "X", message: "Below zero." }] }), sent);
    expect([[...placed.lines], placed.complete]).toEqual([[[`${sent[1]?.key}/unit_price`, "Below zero."]], true]);
  });

  it("is shown as a whole when a field has no place", () => {
    expect(placeErrors(order, refusal({ fields: [{ path: "/elsewhere", code: "X", message: "?" }] }), sent).complete).toBe(false);
    expect(placeErrors(order, refusal({}), sent).complete).toBe(false);
  });

  it("marks the line that a business rule refused", () => {
    expect([...placeErrors(order, refusal({ line: 2 }), sent).lines]).toEqual([[`${sent[1]?.key}/`, "Not valid."]]);
  });
});
