import { describe, expect, it } from "vitest";
import { LineStore } from "../grid/store";
import { typeOfCollection } from "../registry";
import { contentOf, createBody, patchBody } from "./body";

const order = typeOfCollection("procurement/purchase-orders");
const lines = (...values: Record<string, unknown>[]) => new LineStore(values).get();

describe("the body that a form sends", () => {
  it("leaves out empty fields and empty lines, and keeps members that no column shows", () => {
    const body = createBody(
      order,
      { supplier: "S-1", order_date: "", currency: undefined },
      lines({ item: "A", quantity: "2", unit_price: "", requisition_line: "r1" }, {}, { description: "  x" }),
    );
    expect(body).toEqual({
      supplier: "S-1",
      lines: [{ item: "A", quantity: "2", requisition_line: "r1" }, { description: "  x" }],
    });
  });

  it("sends references by their id", () => {
    expect(createBody(order, { supplier: { id: "u1", name: "Acme" } }, lines({ item: { id: "i1", code: "A" } }))).toEqual({
      supplier: "u1",
      lines: [{ item: "i1" }],
    });
  });

  it("patches only what changed, and empties with null", () => {
    const base = { header: { supplier: "S-1", order_date: "2026-01-02", currency: "EUR" }, lines: [{ id: "l1", quantity: "1" }] };
    expect(patchBody(order, base, base.header, lines({ id: "l1", quantity: "1" }))).toEqual({});
    expect(patchBody(order, base, { ...base.header, order_date: "" }, lines({ id: "l1", quantity: "1" }))).toEqual({ order_date: null });
    expect(patchBody(order, base, base.header, lines({ id: "l1", quantity: "3" }, { item: "B" }))).toEqual({
      lines: [{ id: "l1", quantity: "3" }, { item: "B" }],
    });
  });

  it("keeps a budget's months until its year is changed", () => {
    const budget = typeOfCollection("ledger/budgets");
    const line = { id: "l1", code: "X", amount: "24.00", amounts: { "2026-01": "10.00", "2026-02": "14.00" } };
    const base = { header: {}, lines: [line] };
    expect(patchBody(budget, base, {}, lines({ ...line, code: "Y" }))).toEqual({ lines: [{ id: "l1", code: "Y", amounts: line.amounts }] });
    expect(patchBody(budget, base, {}, lines({ ...line, amount: "30" }))).toEqual({ lines: [{ id: "l1", code: "X", amount: "30" }] });
  });

  it("never patches what can only be given at creation", () => {
    const base = { header: { currency: "EUR" }, lines: [] };
    expect(patchBody(order, base, { currency: "USD" }, [])).toEqual({});
  });

  it("takes from a document what its form holds, not what is derived", () => {
    const document = {
      id: "d", type: "purchase_order", number: "PO-1", state: "draft", phase: "draft" as const, version: 3, created_at: "", created_by: "u", updated_at: "",
      title: null, company: "c", currency: "EUR", document_date: "2026-01-02", links: [],
      supplier: "S-1", total: "9.00", lines: [{ id: "l1", quantity: "1", quantity_received: "0" }],
    };
    expect(contentOf(order, document)).toEqual({ header: { supplier: "S-1", currency: "EUR", company: "c" }, lines: [{ id: "l1", quantity: "1" }] });
  });
});
