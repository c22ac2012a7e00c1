import { describe, expect, it } from "vitest";
import { refLabel, refValue, withNames } from "./names";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("references in answers", () => {
  it("take their names from the members beside them, in lines too", () => {
    const answer = { id: ID, supplier: ID, supplier_name: "Acme", lines: [{ item: ID, item_sku: "B-1", item_name: "Bolt" }] };
    const named = withNames(answer) as Record<string, unknown>;
    expect(named.supplier).toEqual({ id: ID, name: "Acme" });
    expect(named.lines).toEqual([{ item: { id: ID, code: "B-1", name: "Bolt" }, item_sku: "B-1", item_name: "Bolt" }]);
    expect(named.id).toBe(ID);
  });

  it("take the names that were asked for with expand, where it tells any", () => {
    const answer = { party: ID, item: ID, expanded: { party: { id: ID, code: "PA-1", name: "Acme" }, item: null } };
    const named = withNames(answer) as Record<string, unknown>;
    expect(named.party).toEqual({ id: ID, code: "PA-1", name: "Acme" });
    expect(named.item).toBe(ID);
  });

  it("are shown by name, else code, never by a bare id, and sent by id", () => {
    expect(refLabel({ id: ID, code: "B-1", name: "Bolt" })).toBe("Bolt");
    expect(refLabel({ id: ID, code: "B-1" })).toBe("B-1");
    expect(refLabel("B-1")).toBe("B-1");
    expect(refLabel(ID)).toBe("");
    expect(refValue({ id: ID, name: "Bolt" })).toBe(ID);
    expect(refValue("B-1")).toBe("B-1");
    expect(refValue(null)).toBeNull();
  });
});
