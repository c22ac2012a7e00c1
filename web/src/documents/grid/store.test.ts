import { describe, expect, it, vi } from "vitest";
import { isBlank, LineStore } from "./store";

const values = (store: LineStore) => store.get().map((line) => line.values);
const keyAt = (store: LineStore, at: number): number => store.get()[at]?.key as number;

describe("the lines of a form", () => {
  it("keep the identity of lines that did not change", () => {
    const store = new LineStore([{ q: "1" }, { q: "2" }]);
    const [, second] = store.get();
    store.set(keyAt(store, 0), { q: "9" });
    expect(values(store)).toEqual([{ q: "9" }, { q: "2" }]);
    expect(store.get()[1]).toBe(second);
  });

  it("are found by their key after they moved", () => {
    const store = new LineStore([{ q: "1" }, { q: "2" }]);
    const key = keyAt(store, 0);
    expect(store.move(0, 1)).toBe(true);
    store.set(key, { q: "7" });
    expect(values(store)).toEqual([{ q: "2" }, { q: "7" }]);
    expect(store.move(1, 1)).toBe(false);
  });

  it("are duplicated without the identity of the original", () => {
    const store = new LineStore([{ id: "a", q: "1" }]);
    store.duplicate(0);
    expect(values(store)).toEqual([{ id: "a", q: "1" }, { id: undefined, q: "1" }]);
    expect(keyAt(store, 0)).not.toBe(keyAt(store, 1));
  });

  it("take a pasted block across columns and beyond the last line, in one step", () => {
    const store = new LineStore([{ item: "A", q: "1" }]);
    store.paste(0, ["q", "price"], [["2", "3.50", "beyond the columns"], ["4", "5"]]);
    expect(values(store)).toEqual([{ item: "A", q: "2", price: "3.50" }, { q: "4", price: "5" }]);
    store.undo();
    expect(values(store)).toEqual([{ item: "A", q: "1" }]);
  });

  it("keep what is only shown when a block is pasted across it", () => {
    const store = new LineStore([{ item: "A", q: "1" }]);
    store.paste(0, [null, "q"], [["B", "2"]]);
    expect(values(store)).toEqual([{ item: "A", q: "2" }]);
  });

  it("undo and redo, and forget the redone after a new change", () => {
    const store = new LineStore([{ q: "1" }]);
    store.insert(1, { q: "2" });
    store.remove(0);
    expect(values(store)).toEqual([{ q: "2" }]);
    store.undo();
    store.undo();
    expect(values(store)).toEqual([{ q: "1" }]);
    store.redo();
    expect(values(store)).toEqual([{ q: "1" }, { q: "2" }]);
    store.set(keyAt(store, 0), { q: "5" });
    store.redo();
    expect(values(store)).toEqual([{ q: "5" }, { q: "2" }]);
  });

  it("tell their listeners once for each change until they leave", () => {
    const store = new LineStore([{}]);
    const listener = vi.fn();
    const leave = store.subscribe(listener);
    store.set(keyAt(store, 0), { q: "1" });
    store.undo();
    leave();
    store.insert(0);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("take a paste of 500 rows into 1,000 lines at once", () => {
    const store = new LineStore(Array.from({ length: 1000 }, () => ({ q: "1" })));
    store.paste(900, ["q"], Array.from({ length: 500 }, (_, row) => [String(row)]));
    expect(store.get().length).toBe(1400);
    expect(store.get()[1399]?.values).toEqual({ q: "499" });
  });

  it("know an empty line", () => {
    expect(isBlank({ q: "", item: null, id: undefined })).toBe(true);
    expect(isBlank({ q: "0" })).toBe(false);
  });
});
