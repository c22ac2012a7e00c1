// The office behind the purchases: money goes out, the books are looked into, programs and people are let in. What is
// needed beforehand comes by the API; everything told of is done on the pages. Says what went wrong and exits with 1.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [base, chromiumPath] = process.argv.slice(2);
const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const EMAIL = `olga-${Date.now()}@example.com`;
const PASSWORD = "correct horse battery";
const PATIENCE_MS = 10_000;

const wrong = [];

async function call(method, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`${base}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** An organization that owes two suppliers three invoices, one of them not due yet. */
async function furnish() {
  const organization = { name: "Velo Works" };
  const company = { name: "Velo Works", country: "DE", currency: "EUR" };
  const { access_token: token } = await call("POST", "auth/signup", { email: EMAIL, password: PASSWORD, name: "Olga Owner", organization, company });
  for (const name of ["Chain Champions", "Tube Traders"]) await call("POST", "parties", { name, roles: ["supplier"], country: "DE" }, token);
  const suppliers = (await (await fetch(`${base}/api/v1/parties`, { headers: { Authorization: `Bearer ${token}` } })).json()).data;
  const owed = [
    [suppliers[0], "A-1", "100.00", "NET0"],
    [suppliers[0], "A-2", "20.50", "NET0"],
    [suppliers[1], "B-1", "7.00", "NET0"],
    [suppliers[1], "B-2", "9.00", "NET30"],
  ];
  for (const [supplier, reference, price, terms] of owed) {
    const lines = [{ description: "Consulting", quantity: "1", unit_price: price, account: "6080" }];
    const invoice = { supplier: supplier.code, supplier_reference: reference, invoice_date: today(), payment_terms: terms, lines };
    const { id } = await call("POST", "billing/supplier-invoices", invoice, token);
    await call("POST", `billing/supplier-invoices/${id}/post`, {}, token);
  }
}

const today = () => new Date().toISOString().slice(0, 10);

/** axe on the page as it stands, in both themes. */
async function judge(page, place) {
  await page.evaluate(axe);
  for (const theme of ["light", "dark"]) {
    await page.evaluate((name) => void (document.documentElement.dataset.theme = name), theme);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const found of violations.filter(({ impact }) => impact === "serious" || impact === "critical")) {
      wrong.push(`${place} (${theme}): ${found.id}, ${found.help}: ${found.nodes[0].html.slice(0, 200)}`);
    }
  }
}

const press = (where, name) => where.getByRole("button", { name, exact: true }).click();
const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

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

async function followTheMoney(page) {
  await page.goto("/ledger/trial-balance/");
  await page.getByTitle("Where it comes from").first().click();
  await page.getByRole("row", { name: /Sum.*−127\.50/ }).waitFor();
  await judge(page, "the explained balance");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /^1020/ }).click();
  await page.getByRole("link", { name: /^A-\d+-\d+$/ }).first().click();
  await heading(page, /^Entries of PAY-/);
  await page.getByRole("row", { name: /2010.*120\.50/ }).waitFor();
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
  if ((await page.getByText(/whsec_/).count()) > 0) wrong.push("the secret is still to be seen");

  await page.goto("/parties/edit/");
  await page.getByLabel(/^Name/).fill("Bell Barons");
  await page.getByRole("checkbox", { name: "Supplier" }).check();
  await page.getByLabel(/^Country/).fill("DE");
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
  await page.getByLabel(/^Events from/).fill("2020-01-01T00:00");
  await page.getByLabel(/^To before/).fill("2020-02-01T00:00");
  await page.getByText("No delivery of this endpoint is in this range.").waitFor();
  await judge(page, "the range to be replayed");
}

async function letAColleagueIn(page) {
  await page.goto("/settings/members/");
  await press(page, "Invite");
  const dialog = page.getByRole("dialog", { name: "Invite a member" });
  await dialog.getByLabel("Name").fill("Petra Payer");
  await dialog.getByLabel("Email").fill(`petra-${EMAIL}`);
  await dialog.getByLabel("First password").fill(PASSWORD);
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
  await page.getByLabel("Country").fill("FR");
  await judge(page, "a new organization");
  await press(page.getByRole("dialog"), "Create");
  await page.getByRole("button", { name: /^Second House/ }).waitFor();
  await page.goto("/parties/");
  await page.getByRole("heading", { name: "None yet" }).waitFor();
}

const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS });
const context = await browser.newContext({ baseURL: base, viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", locale: "en-US" });
context.setDefaultTimeout(PATIENCE_MS);
const page = await context.newPage();
page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.message}`));
page.on("response", (answer) => {
  if (answer.status() >= 500) wrong.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
});
try {
  await furnish();
  await page.goto("/sign-in/");
  await page.getByLabel("Email").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await press(page, "Sign in");
  await heading(page, "Home");
  for (const scene of [payWhatIsDue, followTheMoney, letAProgramListen, letAColleagueIn, foundAnotherHouse]) await scene(page);
} catch (error) {
  wrong.push(error.stack, `${page.url()}\n${await page.locator("body").ariaSnapshot({ timeout: 1000 }).catch(() => "")}`);
}
await browser.close();
for (const line of wrong) console.log(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
