// A stranger's first day: signs up, invites the approver, and buys from the first wish to the last payment. Only the
// interface is used. Hands on the ids of the documents, by collection.
import { APPROVER, OWNER, expect, field, heading, onPage, person, press, run, signIn, typeLines } from "./support.mjs";

const FIRST_PASSWORD = "chosen by olivia";

/** By keyboard: the account's menu is a button, the dialog begins in its first field. */
async function choosePassword(page, present, next) {
  await page.getByRole("button", { name: /Account of/ }).press("Enter");
  await page.getByRole("menuitem", { name: "Change password" }).press("Enter");
  await page.getByRole("dialog", { name: "Change password" }).waitFor();
  await page.keyboard.type(`not ${present}`);
  await page.keyboard.press("Tab");
  await page.keyboard.type(next);
  await page.keyboard.press("Enter");
  await page.getByText("This is not your present password.").first().waitFor();
  await field(page, "Present password").fill(present);
  await page.keyboard.press("Enter");
  await page.getByText(/Your password is changed/).first().waitFor();
}

async function choose(page, label, text) {
  await field(page, label).fill(text);
  await page.getByRole("option").filter({ hasText: text }).first().click();
}

/** Takes an action of a document once its dry run has told what it would do. */
async function act(page, action) {
  await press(page, action);
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/Connected systems|No bookings/).first().waitFor();
  await dialog.getByRole("button", { name: action, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Waits until the document stands in this state. */
const status = (page, name) => page.getByRole("list", { name: "Status" }).locator('[aria-current="step"]', { hasText: name }).waitFor();
const titled = (page, text) => page.getByRole("heading", { level: 1 }).filter({ hasText: text }).waitFor();

async function signUp(page) {
  await page.goto("/sign-up/");
  await page.getByLabel("Your name").fill(OWNER.name);
  await page.getByLabel("Email").fill(OWNER.email);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByLabel("Organization").fill("Velo Works");
  await field(page, "Country").selectOption("DE");
  await press(page, "Create");
  await heading(page, "Invite a colleague");
  await field(page, "Name").fill(APPROVER.name);
  await page.getByLabel("Email").fill(APPROVER.email);
  await page.getByLabel("First password").fill(FIRST_PASSWORD);
  await press(page, "Invite");
  await onPage(page, /^\/$/);
  await heading(page, "Home");
}

async function addMasters(page) {
  await page.goto("/parties/edit/");
  await field(page, "Name").fill("Chain Champions");
  await page.getByRole("checkbox", { name: "Supplier" }).check();
  await field(page, "Country").selectOption("DE");
  await press(page, "Save");
  await page.getByRole("link", { name: /Chain Champions|PA-/ }).first().waitFor();
  await page.goto("/items/edit/");
  await field(page, "SKU").fill("CHAIN-11");
  await field(page, "Name").fill("Chain, 11 speed");
  await press(page, "Save");
  await page.getByRole("link", { name: "CHAIN-11" }).waitFor();
}

async function saveAndShow(page, button) {
  await press(page, button);
  await onPage(page, /\/view\/$/);
  return new URL(page.url()).searchParams.get("id");
}

/** In the inbox, by one key. */
async function approveByKey(approver) {
  await approver.goto("/approvals/");
  await approver.getByRole("article").getByText("CHAIN-11").or(approver.getByRole("article").getByText("Chain, 11 speed")).first().waitFor();
  await approver.keyboard.press("a");
  await approver.getByText("Nothing waits for you").waitFor();
}

async function approveOnPage(approver, id) {
  await approver.goto(`/procurement/purchase-orders/view/?id=${id}`);
  await act(approver, "Approve");
  await status(approver, "Approved");
}

await run(async () => {
  const [owner, approver] = [await person("Olivia"), await person("Ada")];
  const ids = {};
  await signUp(owner);
  await addMasters(owner);
  await signIn(approver, { ...APPROVER, password: FIRST_PASSWORD });
  await choosePassword(approver, FIRST_PASSWORD, APPROVER.password);

  await owner.goto("/procurement/requisitions/new/");
  await typeLines(owner, "Lines", [["CHAIN-11", "", "20", "", "12.50"]]);
  ids.requisitions = await saveAndShow(owner, "Save and submit");
  await status(owner, "In review");
  await approveByKey(approver);

  await owner.reload();
  await owner.getByRole("link", { name: "Order", exact: true }).click();
  await choose(owner, "Supplier", "Chain Champions");
  ids["purchase-orders"] = await saveAndShow(owner, "Save and submit");
  await status(owner, "In review");
  await approveOnPage(approver, ids["purchase-orders"]);

  await owner.reload();
  await owner.getByRole("link", { name: "Receive", exact: true }).click();
  const order = await field(owner, "Purchase order").inputValue();
  expect(/^PO-\d{4}-\d+$/.test(order), `the receipt begins from the order ${order}`);
  ids["goods-receipts"] = await saveAndShow(owner, "Save and post");
  await status(owner, "Posted");

  await owner.goto(`/procurement/purchase-orders/view/?id=${ids["purchase-orders"]}`);
  await owner.getByRole("link", { name: "Invoice", exact: true }).click();
  await field(owner, "Supplier's number").fill("2026-0815");
  ids["supplier-invoices"] = await saveAndShow(owner, "Save and post");
  await status(owner, "Posted");
  await titled(owner, "Matched");

  await owner.getByRole("link", { name: "Pay", exact: true }).click();
  ids.payments = await saveAndShow(owner, "Save and post");
  await status(owner, "Posted");

  await owner.goto(`/billing/supplier-invoices/view/?id=${ids["supplier-invoices"]}`);
  await titled(owner, "Paid");
  await owner.getByTitle("Where it comes from").first().click();
  await owner.getByRole("row", { name: /Sum.*0\.00/ }).waitFor();
  return ids;
});
