import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PASSWORD_LENGTH } from "./password";

const { schemas } = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8")).components;

it("asks as long a password of people as the contract does", () => {
  expect(schemas.SignUp.properties.password.minLength).toBe(PASSWORD_LENGTH);
  expect(schemas.ChangePassword.properties.new_password.minLength).toBe(PASSWORD_LENGTH);
});
