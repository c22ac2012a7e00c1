import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accounts, bankAccounts, exchangeRates, items, locations, parties, taxCodes, units } from "@/masters/registry";
import { DOCUMENT_TYPES } from "./registry";

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const contract = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8"));

/** The members that a schema names; of a list, those of its rows. */
function membersOf(schema: Schema): Readonly<Record<string, Schema>> {
  if (schema.$ref) return membersOf(contract.components.schemas[schema.$ref.split("/").at(-1) as string]);
  if (schema.anyOf) return membersOf(schema.anyOf[0] as Schema);
  return schema.items ? membersOf(schema.items) : (schema.properties ?? {});
}

const bodyOf = (method: "post" | "patch", path: string): Readonly<Record<string, Schema>> =>
  membersOf(contract.paths[`/api/v1/${path}`]?.[method]?.requestBody.content["application/json"].schema ?? {});

const beyond = (names: readonly string[], known: readonly string[]): string[] => names.filter((name) => !known.includes(name));

describe.each(DOCUMENT_TYPES)("the form of a $code", (type) => {
  const taken = bodyOf("post", type.collection);
  const header = type.header.filter((spec) => !spec.readOnly);

  it("enters only what the contract takes, and changes only what it lets change", () => {
    expect(beyond(header.map(({ name }) => name), Object.keys(taken))).toEqual([]);
    const changed = header.filter((spec) => !spec.createOnly && !type.final).map(({ name }) => name);
    expect(beyond(changed, Object.keys(bodyOf("patch", `${type.collection}/{id}`)))).toEqual([]);
  });

  it("amends only what the contract lets amend", () => {
    const { changes } = bodyOf("post", `${type.collection}/{id}/amend`);
    expect(type.amendable === undefined).toBe(changes === undefined);
    expect(beyond(type.amendable ?? [], Object.keys(membersOf(changes ?? {})))).toEqual([]);
  });

  it("sends back every member of a line, for lines that are given replace all", () => {
    const entered = [...type.lines.filter((spec) => !spec.readOnly).map(({ name }) => name), ...type.carried];
    const members = Object.keys(membersOf(taken[type.linesName] as Schema)).filter((name) => name !== "id");
    expect(entered.sort()).toEqual(members.sort());
  });
});

describe.each([parties, items, units, locations, accounts, bankAccounts, taxCodes, exchangeRates])("the form of $plural", (kind) => {
  it("enters only what the contract takes, and changes only what it lets change", () => {
    expect(beyond(kind.fields.map(({ name }) => name), Object.keys(bodyOf("post", kind.collection)))).toEqual([]);
    const changed = kind.fields.filter((spec) => !spec.createOnly && !kind.final).map(({ name }) => name);
    expect(beyond(changed, Object.keys(bodyOf("patch", `${kind.collection}/{id}`)))).toEqual([]);
  });
});
