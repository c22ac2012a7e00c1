import { expect, it } from "vitest";
import { moved, neighbour } from "./next-task";

const tasks = [{ id: "a" }, { id: "b" }, { id: "c" }];

it("opens the task below the decided one, at the end the one above", () => {
  expect(neighbour(tasks, "a")?.id).toBe("b");
  expect(neighbour(tasks, "c")?.id).toBe("b");
  expect(neighbour([{ id: "a" }], "a")).toBeNull();
});

it("moves within the list only", () => {
  expect(moved(tasks, "a", -1)?.id).toBe("a");
  expect(moved(tasks, "b", 1)?.id).toBe("c");
  expect(moved(tasks, "c", 1)?.id).toBe("c");
  expect(moved(tasks, null, 1)?.id).toBe("a");
  expect(moved([], null, 1)).toBeNull();
});
