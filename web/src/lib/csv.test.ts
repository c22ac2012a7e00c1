import { describe, expect, it } from "vitest";
import { toCsv } from "./csv";

const one = (text: string): string => toCsv([[text]]).slice(1, -2);

describe("a CSV file", () => {
  it("quotes what would break a cell, and ends each row with CRLF after the mark of UTF-8", () => {
    expect(toCsv([["Number", "Total"], ['a "b", c', "1\n2"]])).toBe('\uFEFFNumber,Total\r\n"a ""b"", c","1\n2"\r\n');
  });

  it.each(["=1+1", "+cmd", "-2+3", "@SUM(A1)", " =1", "\t=1", "＝1", "|calc"])("never lets a spreadsheet run %j", (text) => {
    expect(one(text).startsWith("'")).toBe(true);
  });

  it("never lets a spreadsheet run what quotes hide", () => {
    expect(one('=HYPERLINK("x","y")')).toBe('"\'=HYPERLINK(""x"",""y"")"');
  });

  it("keeps numbers numbers", () => {
    expect(toCsv([["-12.50", "1200.00", "+3", "2026-01-31"]])).toBe("\uFEFF-12.50,1200.00,+3,2026-01-31\r\n");
  });
});
