import { describe, expect, it } from "vitest";
import { evaluate, normalize } from "./arithmetic";

describe("arithmetic in number cells", () => {
  it("leaves a number as typed", () => {
    expect(evaluate("7.50")).toBe("7.50");
    expect(evaluate("-3")).toBe("-3");
  });

  it("works out sums, products, quotients and brackets exactly", () => {
    expect(evaluate("12*3")).toBe("36");
    expect(evaluate("0.1+0.2")).toBe("0.3");
    expect(evaluate("(2+3)/4")).toBe("1.25");
    expect(evaluate("2+3*4-1")).toBe("13");
    expect(evaluate("-(4-6)")).toBe("2");
    expect(evaluate("10/3")).toBe("3.3333333333");
  });

  it("refuses what is no arithmetic", () => {
    expect(["", "abc", "1+", "(1", "1 2", "3/0", "2**3"].map(evaluate)).toEqual(Array(7).fill(null));
  });

  it("reads the decimal signs of several countries", () => {
    expect(normalize("1.234,56")).toBe("1234.56");
    expect(normalize("1,234.56")).toBe("1234.56");
    expect(normalize("1 234,5")).toBe("1234.5");
    expect(normalize("1'234.50")).toBe("1234.50");
    expect(normalize("0,5")).toBe("0.5");
    expect(normalize("12,500")).toBe("12500");
    expect(normalize("1.234.567")).toBe("1234567");
  });
});
