import { describe, expect, it } from "vitest";
import { parseBlock, renderBlock } from "./paste";

describe("a block copied from a spreadsheet", () => {
  it("is split into rows and columns, without a row for the last line break", () => {
    expect(parseBlock("A\t1\r\nB\t2\r\n")).toEqual([
      ["A", "1"],
      ["B", "2"],
    ]);
  });

  it("keeps empty cells in their place", () => {
    expect(parseBlock("A\t\t3\n\t2\t")).toEqual([
      ["A", "", "3"],
      ["", "2", ""],
    ]);
  });

  it("reads quoted cells with tabs, line breaks and quotes", () => {
    expect(parseBlock('"two\nlines"\t"say ""hi"""\n5" pipe\tx')).toEqual([
      ["two\nlines", 'say "hi"'],
      ['5" pipe', "x"],
    ]);
  });

  it("comes back equal after being rendered", () => {
    const rows = [
      ["plain", 'with "quotes"'],
      ["with\ttab", "with\nbreak"],
    ];
    expect(parseBlock(renderBlock(rows))).toEqual(rows);
  });

  it("is empty for an empty clipboard", () => {
    expect(parseBlock("")).toEqual([]);
  });
});
