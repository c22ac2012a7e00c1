// What a clerk leans on every day: forms that are still there, cells that hold what was typed, amendments, several
// approvals at once, a list taken along, tabs that stay where they are.
import { readFileSync } from "node:fs";
import { APPROVER, OWNER, base, client, expect, field, heading, onPage, person, press, run, settled, signIn } from "./support.mjs";

const cell = (page, row, column) => page.locator(`[data-cell="${row}:${column}"]`);

/** Typed with the keyboard, left without saving, found again; discarded and brought back; then begun afresh. */
async function leaveAForm(page) {
  await page.goto("/procurement/purchase-orders/");
  await heading(page, "Purchase orders");
  await settled(page);
  await page.keyboard.press("c");
  await onPage(page, /\/new\/$/);
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await page.keyboard.type("Chain");
  await page.getByRole("option", { name: /Chain Champions/ }).waitFor();
  await page.keyboard.press("Tab");
  await cell(page, 0, 2).focus();
  await page.keyboard.type("12*3");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Home" }).first().click();
  await heading(page, "Home");
  await page.goto("/procurement/purchase-orders/new/");
  await page.getByText("Not saved yet").waitFor();
  const found = async () => [await field(page, "Supplier").inputValue(), await cell(page, 0, 2).innerText()].join(" ");
  expect((await found()) === "Chain Champions 36", `a form left unsaved came back as ${await found()}`);
  await press(page, "Cancel");
  await onPage(page, /\/purchase-orders\/$/);
  await press(page, "Undo");
  await page.getByText("Not saved yet").waitFor();
  expect((await found()) === "Chain Champions 36", `a discarded form came back as ${await found()}`);
  await press(page, "Start afresh");
  await page.getByText("Not saved yet").waitFor({ state: "detached" });
  expect((await found()).trim() === "", `a form begun afresh held ${await found()}`);
}

/** Somebody saves a draft while I edit it: other fields come in under mine, and my save goes through. */
async function editTogether(page) {
  const owner = await client(OWNER);
  const draft = await owner.post("/procurement/requisitions", { lines: [{ item: "CHAIN-11", quantity: "2", unit_price: "8.00" }] });
  await page.goto(`/procurement/requisitions/edit/?id=${draft.id}`);
  await cell(page, 0, 2).focus();
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  const other = await page.context().newPage();
  await other.goto(`/procurement/requisitions/edit/?id=${draft.id}`);
  await field(other, "Needed on").fill("2031-05-06");
  await press(other, "Save draft");
  await onPage(other, /\/view\/$/);
  await other.close();
  await press(page, "Save draft");
  await onPage(page, /\/view\/$/);
  const saved = await owner.get(`/documents/${draft.id}`);
  const both = `${saved.needed_on} ${Number(saved.lines[0].quantity)}`;
  expect(both === "2031-05-06 7", `two saves of one draft left ${both}`);
}

/** What was begun in one cell stays out of the one that is clicked next; what is refused takes the focus and says why. */
async function fillCells(page) {
  await page.goto("/procurement/requisitions/new/");
  await cell(page, 0, 0).focus();
  await page.keyboard.type("No such thing");
  await cell(page, 0, 2).click();
  await page.keyboard.press("Escape");
  const [item, quantity] = [await cell(page, 0, 0).innerText(), await cell(page, 0, 2).innerText()];
  expect(item === "No such thing" && quantity === "", `the cells hold ${item} and ${quantity}`);
  await page.keyboard.type("0");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  await press(page, "Cancel");
  await onPage(page, /\/requisitions\/$/);
}

/** An order that binds is changed for a reason, and waits to be approved anew. */
async function amendAnOrder(page) {
  const [owner, approver] = [await client(OWNER), await client(APPROVER)];
  const order = await owner.post("/procurement/purchase-orders", { supplier: "PA-00001", lines: [{ item: "CHAIN-11", quantity: "2", unit_price: "8.00" }] });
  await owner.post(`/procurement/purchase-orders/${order.id}/submit`);
  await approver.post(`/procurement/purchase-orders/${order.id}/approve`);
  await page.goto(`/procurement/purchase-orders/view/?id=${order.id}`);
  await page.getByRole("link", { name: "Amend" }).click();
  await field(page, "Reason").fill("The supplier raised the price");
  await cell(page, 0, 4).focus();
  await page.keyboard.type("9.00");
  await page.keyboard.press("Enter");
  await press(page, "Amend");
  await onPage(page, /\/view\/$/);
  const amended = await owner.get(`/documents/${order.id}`);
  const now = `${amended.phase} ${amended.net_total}`;
  expect(now === "review 18.00", `an amended order is ${now}`);
}

/** Back from a document, the keys go on from its row. */
async function goOnInAList(page) {
  await page.goto("/procurement/requisitions/");
  await page.locator("[data-row-link]").nth(2).waitFor();
  const inHand = () => page.evaluate(() => [...document.querySelectorAll("[data-row-link]")].indexOf(document.activeElement));
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await onPage(page, /\/view\/$/);
  await page.goBack();
  await page.locator("[data-row-link]").nth(2).waitFor();
  await page.keyboard.press("j");
  expect((await inHand()) === 2, `back in the list, j went to row ${await inHand()}`);
}

const TESSA = { name: "Tessa Twice", email: "tessa@example.com", password: "battery staple horse" };
const HOUSE = { country: "DE", currency: "EUR" };

/** Two tabs, two organizations, one cookie: each tab stays in its own, and shows nothing of the other. */
async function workInTwoHouses(page) {
  const body = JSON.stringify({ ...TESSA, organization: { name: "First House" }, company: { name: "First House", ...HOUSE } });
  await fetch(`${base}/api/v1/auth/signup`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  await signIn(page, TESSA);
  const tessa = await client(TESSA);
  await tessa.post("/parties", { name: "Bell Barons", roles: ["supplier"], country: "DE" });
  await tessa.post("/organizations", { organization: { name: "Second House" }, company: { name: "Second House", ...HOUSE } });
  await page.goto("/parties/");
  await page.getByText("Bell Barons").waitFor();
  const other = await page.context().newPage();
  await other.goto("/parties/");
  await other.getByText("Bell Barons").waitFor();
  await other.getByRole("button", { name: /^First House/ }).click();
  await other.getByRole("menuitem", { name: "Second House" }).click();
  await other.getByRole("button", { name: /^Second House/ }).waitFor();
  await other.getByRole("link", { name: "Suppliers and parties" }).click();
  await other.getByRole("heading", { name: "None yet" }).waitFor();
  await page.reload();
  await page.getByText("Bell Barons").waitFor();
  await page.getByRole("button", { name: /^First House/ }).waitFor();
}

/** Three are chosen by key; one of them is gone when the approvals are sent. */
async function approveSeveral(page) {
  const owner = await client(OWNER);
  const numbers = [];
  const ids = [];
  for (const price of ["8.00", "9.00", "10.00"]) {
    const asked = await owner.post("/procurement/requisitions", { lines: [{ item: "CHAIN-11", quantity: "1", unit_price: price }] });
    await owner.post(`/procurement/requisitions/${asked.id}/submit`);
    numbers.push(asked.number);
    ids.push(asked.id);
  }
  await page.goto("/approvals/");
  await page.getByRole("article").getByRole("table").waitFor();
  for (const number of numbers) await page.getByRole("checkbox", { name: `Select ${number}` }).check();
  await owner.post(`/procurement/requisitions/${ids[1]}/cancel`, { reason: "Found in the cellar" });
  await page.locator("h1").click();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog", { name: "Approve 3 documents" });
  await dialog.getByText("27.00").waitFor();
  await press(dialog, "Approve 3");
  await page.getByRole("dialog", { name: "2 approved, 1 refused" }).waitFor();
  const phases = await Promise.all(ids.map(async (id) => (await owner.get(`/documents/${id}`)).phase));
  expect(phases.join() === "active,void,active", `approved together, they are ${phases}`);
}

/** The filtered list as a file: its rows, no others, and nothing that a spreadsheet would run. */
async function takeAlong(page) {
  const owner = await client(OWNER);
  const bill = (reference) => ({
    supplier: "PA-00001", supplier_reference: reference, invoice_date: "2026-01-31",
    lines: [{ description: "Cleaning", quantity: "1", unit_price: "12.50", account: "6100" }],
  });
  await owner.post("/billing/supplier-invoices", bill('=HYPERLINK("https://example.com")'));
  await page.goto("/billing/supplier-invoices/?phase=in:draft");
  await page.getByRole("table").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Export")]);
  const [head, ...rows] = readFileSync(await download.path(), "utf8").trimEnd().split("\r\n");
  expect(head === "\uFEFFNumber,Status,Supplier,Supplier's number,Invoice date,Due,Total,Balance,Currency", `the file begins with ${head}`);
  expect(rows.length === 1, `${rows.length} rows were exported`);
  expect(rows[0]?.includes(`Chain Champions,"'=HYPERLINK(""https://example.com"")",2026-01-31,`), `a formula was exported as ${rows[0]}`);
}

await run(async () => {
  const [owner, approver] = [await person("Olivia"), await person("Ada")];
  await signIn(owner, OWNER);
  await leaveAForm(owner);
  await editTogether(owner);
  await takeAlong(owner);
  await fillCells(owner);
  await amendAnOrder(owner);
  await signIn(approver, APPROVER);
  await approveSeveral(approver);
  await goOnInAList(owner);
  await workInTwoHouses(await person("Tessa"));
});
