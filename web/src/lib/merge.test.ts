import { describe, expect, it } from "vitest";
import { mergeFields, mergeLines, same } from "./merge";

describe("merging what I typed with what another saved", () => {
  it("takes each side's own changes without asking", () => {
    const result = mergeFields({ a: "1", b: "1" }, { a: "2", b: "1" }, { a: "1", b: "3" });
    expect(result).toEqual({ merged: { a: "2", b: "3" }, conflicts: [] });
  });

  it("asks only where both changed to different values", () => {
    const result = mergeFields({ a: "1", b: "1" }, { a: "2", b: "5" }, { a: "3", b: "5" });
    expect(result.conflicts).toEqual([{ field: "a", base: "1", mine: "2", theirs: "3" }]);
    expect(result.merged).toEqual({ a: "2", b: "5" });
  });

  it("sees no change in the order of keys or in null against absent", () => {
    expect(same({ x: 1, y: null }, { x: 1 })).toBe(true);
    expect(same({ x: 1, y: [2] }, { y: [2], x: 1 })).toBe(true);
    expect(same([1, 2], [2, 1])).toBe(false);
  });

  it("joins lines by id and keeps those that either side added", () => {
    const base = [{ id: "1", q: "1" }, { id: "2", q: "2" }];
    const mine = [{ id: "1", q: "9" }, { id: "2", q: "2" }, { q: "new" }];
    const theirs = [{ id: "1", q: "1" }, { id: "2", q: "7" }, { id: "3", q: "3" }];
    expect(mergeLines(base, mine, theirs)).toEqual({
      merged: [{ id: "1", q: "9" }, { id: "2", q: "7" }, { q: "new" }, { id: "3", q: "3" }],
      conflicts: [],
    });
  });

  it("drops a line that one side removed and the other left alone, and keeps it when the other changed it", () => {
    const base = [{ id: "1", q: "1" }, { id: "2", q: "2" }, { id: "3", q: "3" }];
    const mine = [{ id: "1", q: "1" }, { id: "3", q: "30" }];
    const theirs = [{ id: "2", q: "20" }];
    expect(mergeLines(base, mine, theirs).merged).toEqual([{ id: "3", q: "30" }, { id: "2", q: "20" }]);
  });

  it("names the line of a conflict", () => {
    const result = mergeLines([{ id: "1", q: "1" }], [{ id: "1", q: "2" }], [{ id: "1", q: "3" }]);
    expect(result.conflicts).toEqual([{ line: "1", field: "q", base: "1", mine: "2", theirs: "3" }]);
  });
});
