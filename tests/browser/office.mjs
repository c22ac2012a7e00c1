// The office behind the purchases: money goes out, the books are looked into, programs and people are let in. What is
// needed beforehand comes by the API; everything told of is done on the pages.
import { base, client, expect, field, heading, judge, person, press, run, signIn } from "./support.mjs";

const OLGA = { name: "Olga Owner", email: "olga@example.com", password: "correct horse battery" };

/** An organization that owes two suppliers four invoices, one of them not due yet. */
async function furnish() {
  const organization = { name: "Velo Works" };
  const company = { name: "Velo Works", country: "DE", currency: "EUR" };
  const signUp = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...OLGA, organization, company }) };
  expect((await fetch(`${base}/api/v1/auth/signup`, signUp)).status === 201, "signing up was refused");
  const olga = await client(OLGA);
  const supplier = (name) => olga.post("/parties", { name, roles: ["supplier"], country: "DE" });
  const [chains, tubes] = [await supplier("Chain Champions"), await supplier("Tube Traders")];
  const owed = [
    [chains, "A-1", "100.00", "NET0"],
    [chains, "A-2", "20.50", "NET0"],
    [tubes, "B-1", "7.00", "NET0"],
    [tubes, "B-2", "9.00", "NET30"],
  ];
  for (const [{ code }, reference, price, terms] of owed) {
    const lines = [{ description: "Consulting", quantity: "1", unit_price: price, account: "6080" }];
    const invoice = { supplier: code, supplier_reference: reference, invoice_date: new Date().toISOString().slice(0, 10), payment_terms: terms, lines };
    const { id } = await olga.post("/billing/supplier-invoices", invoice);
    await olga.post(`/billing/supplier-invoices/${id}/post`);
  }
}

async function payWhatIsDue(page) {
  await page.goto("/billing/bank/");
  await press(page, "Choose all 3 due");
  await page.getByText("3 chosen, 127.50").waitFor();
  await press(page, "Pay");
  const dialog = page.getByRole("dialog", { name: "Post 2 payments" });
  await dialog.getByRole("listitem").filter({ hasText: "120.50" }).waitFor();
  await judge(page, "paying what is due");
  await press(dialog, "Post");
  await page.getByText("2 payments are posted").first().waitFor();
  await page.getByRole("link", { name: /1 open item, 9\.00/ }).waitFor();
}

/** Money is sent ahead, settles the invoice that is left, and is on account again when that is taken back. */
async function settleFromWhatIsOnAccount(page) {
  const olga = await client(OLGA);
  const [open] = (await olga.get("/billing/open-items?side=payable")).data;
  const { id } = await olga.post("/billing/payments", { direction: "outgoing", party: open.party, amount: "10.00" });
  await olga.post(`/billing/payments/${id}/post`);
  await page.goto(`/billing/payments/view/?id=${id}`);
  const panel = page.getByRole("region", { name: "Allocation" });
  await panel.getByText(/10\.00\s*EUR is on account/).waitFor();
  await press(panel, "Allocate");
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/Stays on account.*1\.00/).waitFor();
  await judge(page, "what is on account");
  await press(dialog, "Allocate");
  await panel.getByText(/^\s*1\.00\s*EUR is on account/).waitFor();
  await press(panel, "Take back");
  await dialog.getByLabel("B-2").check();
  await judge(page, "what is taken back");
  await press(dialog, "Take back");
  await panel.getByText(/10\.00\s*EUR is on account/).waitFor();
}

async function followTheMoney(page) {
  await page.goto("/ledger/trial-balance/");
  await page.getByTitle("Where it comes from").first().click();
  await page.getByRole("row", { name: /Sum.*−127\.50/ }).waitFor();
  await judge(page, "the explained balance");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /^1020/ }).click();
  await page.getByRole("link", { name: /^A-\d+-\d+$/ }).first().click();
  await heading(page, /^Entries of PAY-/);
  await page.getByRole("row", { name: /1020.*120\.50/ }).waitFor();
  await judge(page, "the entries of a payment");
  await page.getByRole("link", { name: /^Open PAY-/ }).click();
  await heading(page, /^PAY-/);
}

async function letAProgramListen(page) {
  await page.goto("/settings/webhooks/");
  await page.getByRole("main").getByRole("button", { name: "New endpoint" }).first().click();
  await page.getByLabel("Address").fill("http://127.0.0.1:9/nobody");
  await press(page.getByRole("dialog"), "Save");
  const secret = page.getByRole("dialog", { name: "The endpoint's secret" });
  await secret.getByText(/^whsec_/).waitFor();
  await judge(page, "the secret");
  await press(secret, "I have kept it");
  expect((await page.getByText(/whsec_/).count()) === 0, "the secret is still to be seen");

  await page.goto("/parties/edit/");
  await field(page, "Name").fill("Bell Barons");
  await page.getByRole("checkbox", { name: "Supplier" }).check();
  await field(page, "Country").selectOption("DE");
  await press(page, "Save");
  await page.getByRole("link", { name: /Bell Barons|PA-/ }).first().waitFor();
  await page.goto("/settings/webhooks/deliveries/");
  const event = page.getByRole("button", { name: "parties.party.created.v1" });
  await event.waitFor();
  for (let tries = 0; tries < 20 && (await page.getByText(/The connection failed/).count()) === 0; tries += 1) {
    await page.waitForTimeout(500);
    await page.reload();
    await event.waitFor();
  }
  await event.click();
  await page.getByRole("dialog").getByText("No answer").first().waitFor();
  await judge(page, "the attempts of a delivery");
  await page.keyboard.press("Escape");
  await press(page, "Replay a range");
  await field(page, "Events from").fill("2020-01-01T00:00");
  await field(page, "To before").fill("2020-02-01T00:00");
  await page.getByText("No delivery of this endpoint is in this range.").waitFor();
  await judge(page, "the range to be replayed");
}

async function letAColleagueIn(page) {
  await page.goto("/settings/members/");
  await press(page, "Invite");
  const dialog = page.getByRole("dialog", { name: "Invite a member" });
  await dialog.getByLabel("Name").fill("Petra Payer");
  await dialog.getByLabel("Email").fill("petra@example.com");
  await dialog.getByLabel("First password").fill(OLGA.password);
  await dialog.getByLabel("Payer").check();
  await judge(page, "the invitation");
  await press(dialog, "Invite");
  await page.getByRole("link", { name: "Petra Payer" }).click();
  const member = page.getByRole("dialog", { name: "Petra Payer" });
  await member.getByLabel("Accountant").check();
  await member.getByLabel("Payer").uncheck();
  await judge(page, "a member");
  await press(member, "Save");
  await page.getByRole("row", { name: /Petra Payer.*Accountant/ }).waitFor();
  await page.goto("/settings/roles/");
  await page.getByRole("link", { name: "Accountant" }).click();
  const role = page.getByRole("dialog", { name: "Accountant" });
  await role.getByText("One member has it").waitFor();
  await judge(page, "a role");
}

async function foundAnotherHouse(page) {
  await page.goto("/");
  await page.getByRole("button", { name: /switch organization/ }).click();
  await page.getByRole("menuitem", { name: "New organization" }).click();
  await page.getByLabel("Organization", { exact: true }).fill("Second House");
  await page.getByLabel("Country").selectOption("FR");
  await judge(page, "a new organization");
  await press(page.getByRole("dialog"), "Create");
  await page.getByRole("button", { name: /^Second House/ }).waitFor();
  await page.goto("/parties/");
  await page.getByRole("heading", { name: "None yet" }).waitFor();
}

await run(async () => {
  await furnish();
  const page = await person("Olga");
  await signIn(page, OLGA);
  for (const scene of [payWhatIsDue, followTheMoney, settleFromWhatIsOnAccount, letAProgramListen, letAColleagueIn, foundAnotherHouse]) await scene(page);
});
