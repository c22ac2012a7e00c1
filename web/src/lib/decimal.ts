/**
 * Exact decimals as strings, the way the API sends them. Inside, a value is a whole number of 10^-scale: no float ever
 * touches an amount, a quantity or a price.
 */
interface Scaled {
  readonly units: bigint;
  readonly scale: number;
}

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?$/;

function parse(text: string): Scaled | null {
  const match = PATTERN.exec(text.trim());
  if (!match) return null;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (whole === "" && fraction === "") return null;
  const units = BigInt(whole + fraction);
  return { units: sign === "-" ? -units : units, scale: fraction.length };
}

function required(text: string): Scaled {
  const value = parse(text);
  if (!value) throw new RangeError(`not a decimal: ${text}`);
  return value;
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent);

function render({ units, scale }: Scaled): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale > 0 ? `.${digits.slice(digits.length - scale)}` : "";
  return `${units < 0n ? "-" : ""}${whole}${fraction}`;
}

function align(a: Scaled, b: Scaled): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * power(scale - a.scale), b.units * power(scale - b.scale), scale];
}

/** Half away from zero ("half up" on the absolute value), as the server rounds amounts. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const n = dividend < 0n ? -dividend : dividend;
  const d = divisor < 0n ? -divisor : divisor;
  const quotient = (2n * n + d) / (2n * d);
  return negative ? -quotient : quotient;
}

export const isDecimal = (text: string): boolean => parse(text) !== null;

export function add(a: string, b: string): string {
  const [x, y, scale] = align(required(a), required(b));
  return render({ units: x + y, scale });
}

export function subtract(a: string, b: string): string {
  const [x, y, scale] = align(required(a), required(b));
  return render({ units: x - y, scale });
}

export function multiply(a: string, b: string): string {
  const x = required(a);
  const y = required(b);
  return render({ units: x.units * y.units, scale: x.scale + y.scale });
}

/** The quotient rounded half up to `digits` decimals. Throws RangeError when `b` is zero. */
export function divide(a: string, b: string, digits: number): string {
  const x = required(a);
  const y = required(b);
  if (y.units === 0n) throw new RangeError("division by zero");
  const units = divideRounded(x.units * power(digits + y.scale), y.units * power(x.scale));
  return render({ units, scale: digits });
}

/** Rounded half up to `digits` decimals, padded with zeros up to them. */
export function round(text: string, digits: number): string {
  const { units, scale } = required(text);
  if (scale <= digits) return render({ units: units * power(digits - scale), scale: digits });
  return render({ units: divideRounded(units, power(scale - digits)), scale: digits });
}

export function compare(a: string, b: string): -1 | 0 | 1 {
  const [x, y] = align(required(a), required(b));
  return x < y ? -1 : x > y ? 1 : 0;
}

export const isZero = (text: string): boolean => required(text).units === 0n;

export const isNegative = (text: string): boolean => required(text).units < 0n;

export const negate = (text: string): string => {
  const { units, scale } = required(text);
  return render({ units: -units, scale });
};

export const sum = (texts: Iterable<string>): string => {
  let total = "0";
  for (const text of texts) total = add(total, text);
  return total;
};

/** Without trailing zeros after the point: "12.500" is "12.5", "3.00" is "3". */
export function trim(text: string): string {
  let { units, scale } = required(text);
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return render({ units, scale });
}

/** `part` of `whole` as a number between 0 and 1, for the length of a bar only: never for a figure that is read. */
export function share(part: string, whole: string): number {
  const w = required(whole);
  if (w.units === 0n) return 0;
  const permyriad = Number(required(divide(part, whole, 4)).units);
  return Math.min(1, Math.max(0, permyriad / 10_000));
}
