import { add, divide, isDecimal, multiply, subtract, trim } from "./decimal";

const TOKEN = /\s*(\d+(?:\.\d+)?|\.\d+|[-+*/()])/y;
const DIVISION_DIGITS = 10;

/**
 * What a number cell means: "12*3" is "36", "(2+3)/4" is "1.25", "7.50" stays "7.50". Null when it is no arithmetic.
 * Quotients are rounded half up to ten decimals.
 */
export function evaluate(text: string): string | null {
  const source = normalize(text);
  if (isDecimal(source)) return source;
  const tokens = tokenize(source);
  if (!tokens) return null;
  let at = 0;

  const factor = (): string => {
    const token = tokens[at++];
    if (token === "-") return subtract("0", factor());
    if (token === "+") return factor();
    if (token === "(") {
      const value = expression();
      if (tokens[at++] !== ")") throw new SyntaxError("a bracket is open");
      return value;
    }
    if (token === undefined || !isDecimal(token)) throw new SyntaxError("a number is missing");
    return token;
  };
  const term = (): string => {
    let value = factor();
    while (tokens[at] === "*" || tokens[at] === "/") {
      value = tokens[at++] === "*" ? multiply(value, factor()) : divide(value, factor(), DIVISION_DIGITS);
    }
    return value;
  };
  const expression = (): string => {
    let value = term();
    while (tokens[at] === "+" || tokens[at] === "-") {
      value = tokens[at++] === "+" ? add(value, term()) : subtract(value, term());
    }
    return value;
  };

  try {
    const value = expression();
    return at === tokens.length ? trim(value) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

function tokenize(text: string): string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match?.[1]) return null;
    tokens.push(match[1]);
  }
  return tokens.length > 0 ? tokens : null;
}

/**
 * "1.234,56", "1,234.56", "1 234,56" and "1'234.56" as "1234.56": the last of comma and point is the decimal sign when
 * both occur. A single comma is the decimal sign unless exactly three digits follow a group of one to three.
 */
export function normalize(text: string): string {
  const bare = text.trim().replace(/(?<=\d)[\s\u00a0\u202f'’_](?=\d{3}(?!\d))/g, "");
  const comma = bare.lastIndexOf(",");
  const point = bare.lastIndexOf(".");
  if (comma < 0) return pointsOnly(bare);
  if (point > comma) return bare.replaceAll(",", "");
  if (point >= 0) return bare.replaceAll(".", "").replace(",", ".");
  if (/^[-+]?\d{1,3}(,\d{3})+$/.test(bare)) return bare.replaceAll(",", "");
  return bare.replace(",", ".");
}

const pointsOnly = (bare: string): string =>
  /^[-+]?\d{1,3}(\.\d{3}){2,}$/.test(bare) ? bare.replaceAll(".", "") : bare;
