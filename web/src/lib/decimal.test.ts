import { describe, expect, it } from "vitest";
import { add, compare, divide, isDecimal, multiply, negate, round, share, subtract, sum, trim } from "./decimal";

describe("exact decimals", () => {
  it("add what floats cannot", () => {
    expect(add("0.1", "0.2")).toBe("0.3");
    expect(add("9007199254740993.01", "0.02")).toBe("9007199254740993.03");
    expect(subtract("1", "0.999")).toBe("0.001");
    expect(sum(["10.00", "-3.50", "0.005"])).toBe("6.505");
    expect(sum([])).toBe("0");
  });

  it("multiply keeping every digit", () => {
    expect(multiply("3", "19.99")).toBe("59.97");
    expect(multiply("-0.5", "0.25")).toBe("-0.125");
  });

  it("round half away from zero", () => {
    expect(round("2.345", 2)).toBe("2.35");
    expect(round("-2.345", 2)).toBe("-2.35");
    expect(round("2.3449", 2)).toBe("2.34");
    expect(round("2", 2)).toBe("2.00");
    expect(round("0.5", 0)).toBe("1");
  });

  it("divide to the digits asked for and refuse zero", () => {
    expect(divide("10", "3", 4)).toBe("3.3333");
    expect(divide("2", "3", 2)).toBe("0.67");
    expect(() => divide("1", "0.00", 2)).toThrow(RangeError);
  });

  it("compare by value, not by text", () => {
    expect(compare("1.50", "1.5")).toBe(0);
    expect(compare("-2", "1")).toBe(-1);
    expect(compare("10", "9")).toBe(1);
  });

  it("know what a decimal is", () => {
    expect(["1", "-1.5", ".5", "1.", "+3"].map(isDecimal)).toEqual([true, true, true, true, true]);
    expect(["", "-", ".", "1e3", "1,5", "abc"].map(isDecimal)).toEqual([false, false, false, false, false, false]);
  });

  it("trim zeros and change the sign", () => {
    expect(trim("12.500")).toBe("12.5");
    expect(trim("300")).toBe("300");
    expect(negate("4.20")).toBe("-4.20");
    expect(negate("0.00")).toBe("0.00");
  });

  it("give a share for the length of a bar within 0 and 1", () => {
    expect(share("25", "100")).toBe(0.25);
    expect(share("150", "100")).toBe(1);
    expect(share("-5", "100")).toBe(0);
    expect(share("5", "0")).toBe(0);
  });
});
