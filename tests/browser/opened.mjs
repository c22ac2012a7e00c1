// What opens above a page: menus, popovers, dialogs, the palette, the drawer of narrow screens, each judged in both
// themes while it is open.
import { APPROVER, OWNER, client, field, given, judge, person, press, run, settled, signIn } from "./support.mjs";

const ids = JSON.parse(given);
const PHONE = { width: 390, height: 844 };

async function shellOf(page) {
  await page.goto("/");
  for (const [name, button] of [["menu_create", "Create"], ["menu_account", /Account of/], ["menu_organizations", /switch organization/]]) {
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("menu").waitFor();
    await judge(page, name);
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: /Account of/ }).click();
  await page.getByRole("menuitem", { name: "Change password" }).click();
  await page.getByRole("dialog", { name: "Change password" }).waitFor();
  await judge(page, "dialog_password");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or command" }).fill("chain");
  await page.getByRole("option", { name: /Chain Champions/ }).waitFor();
  await judge(page, "palette");
  await page.keyboard.press("Escape");
  await press(page, "Keyboard shortcuts");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await judge(page, "dialog_shortcuts");
  await page.keyboard.press("Escape");
}

async function listOf(page) {
  await page.goto("/procurement/purchase-orders/?phase=in:active&supplier=PA-00001");
  await page.getByText("Supplier is Chain Champions").waitFor();
  await press(page, "Filter");
  await field(page, "Field").selectOption("supplier");
  await field(page, "Is").fill("Chain");
  await page.getByRole("option", { name: /Chain Champions/ }).waitFor();
  await judge(page, "popover_filter");
  await page.keyboard.press("Escape");
}

async function documentOf(page) {
  await page.goto(`/billing/supplier-invoices/view/?id=${ids["supplier-invoices"]}`);
  await page.getByTitle("Where it comes from").first().click();
  await page.getByRole("row", { name: /Sum/ }).waitFor();
  await judge(page, "popover_explanation");
  await page.keyboard.press("Escape");
  for (const tab of ["Links", "Attachments", "Audit"]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByRole("tabpanel", { name: tab }).waitFor();
    await settled(page);
    await judge(page, `tab_${tab.toLowerCase()}`);
  }
  await press(page, "More actions");
  await page.getByRole("menu").waitFor();
  await judge(page, "menu_actions");
  await page.keyboard.press("Escape");
  await page.goto(`/procurement/purchase-orders/view/?id=${ids["purchase-orders"]}`);
  await press(page, "More actions");
  await page.getByRole("menuitem", { name: "Close" }).click();
  await page.getByText(/Connected systems|No bookings/).first().waitFor();
  await judge(page, "dialog_action");
}

async function formOf(page) {
  await page.goto("/procurement/requisitions/new/");
  await page.locator('[data-cell="0:0"]').focus();
  await page.keyboard.type("CHAIN");
  await page.getByRole("option", { name: /CHAIN-11/ }).waitFor();
  await judge(page, "grid_lookup");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0");
  await page.keyboard.press("Tab");
  await page.locator("[role=gridcell][aria-invalid=true]").first().waitFor();
  await judge(page, "grid_refused");
  await press(page, "Cancel");
  await page.getByText("New requisition discarded").first().waitFor();
  await judge(page, "notice");
}

async function approvalsOf(page, onPhone) {
  const owner = await client(OWNER);
  const line = { item: "CHAIN-11", quantity: "1", unit_price: "8.00" };
  const asked = await owner.post("/procurement/requisitions", { lines: [line] });
  await owner.post(`/procurement/requisitions/${asked.id}/submit`);
  await page.goto("/approvals/");
  await page.getByRole("article").getByRole("table").waitFor();
  await page.keyboard.press("r");
  await page.getByLabel(/is rejected$/).waitFor();
  await judge(page, "reject");
  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await page.keyboard.press("a");
  await page.getByRole("dialog", { name: "Approve 1 document" }).waitFor();
  await judge(page, "dialog_approve_several");
  await page.keyboard.press("Escape");

  await signIn(onPhone, APPROVER);
  await press(onPhone, "Navigation");
  await onPhone.getByRole("dialog", { name: "Navigation" }).waitFor();
  await judge(onPhone, "phone_navigation");
  await onPhone.keyboard.press("Escape");
  await onPhone.goto("/approvals/");
  await onPhone.getByRole("checkbox", { name: /^Select [^a]/ }).first().check();
  await judge(onPhone, "phone_approvals");
  await owner.post(`/procurement/requisitions/${asked.id}/cancel`, { reason: "Only for the look of it" });
}

/** The dialogs in which something new is made, on the pages of settings. */
async function settingsOf(page) {
  const makes = { members: "Invite", roles: "New role", "api-keys": "New API key", webhooks: "New endpoint" };
  for (const [name, button] of Object.entries(makes)) {
    await page.goto(`/settings/${name}/`);
    await page.getByRole("main").getByRole("button", { name: button }).first().click();
    await page.getByRole("dialog").waitFor();
    await settled(page);
    await judge(page, `dialog_${name}`);
  }
}

await run(async () => {
  const [owner, approver, phone] = [await person("Olivia"), await person("Ada"), await person("Ada on the way", PHONE)];
  await signIn(owner, OWNER);
  const beside = await owner.context().newPage();
  const inTurn = async (page, ...parts) => {
    for (const part of parts) await part(page);
  };
  const approvals = async () => {
    await signIn(approver, APPROVER);
    await approvalsOf(approver, phone);
  };
  await Promise.all([inTurn(owner, shellOf, documentOf), inTurn(beside, formOf, listOf, settingsOf), approvals()]);
});
