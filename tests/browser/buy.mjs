// A stranger's first day: signs up, invites the approver, buys from the first wish to the last payment, and looks at
// every page in both themes. Only the interface is used. Says what went wrong and exits with 1.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, out, shots, chromiumPath] = process.argv.slice(2);
const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const OWNER = { name: "Olivia Owner", email: "olivia@example.com", password: "correct horse battery" };
const APPROVER = { name: "Ada Approver", email: "ada@example.com", password: "staple battery correct" };
const PATIENCE_MS = 10_000;

const wrong = [];
const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS });

/** A browser of one person, whose every unexpected word is kept. */
async function person(name) {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on("pageerror", (error) => wrong.push(`${name} at ${page.url()}: ${error.message}`));
  page.on("response", (answer) => {
    if (answer.status() >= 500) wrong.push(`${name}: ${answer.status()} ${answer.request().method()} ${answer.url()}`);
  });
  return page;
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** A field by its label, required or not. */
const field = (page, label) => page.getByLabel(new RegExp(`^${label}( \\*)?$`));

async function choose(page, label, text) {
  await field(page, label).fill(text);
  await page.getByRole("option").filter({ hasText: text }).first().click();
}

/** Types lines into the grid by keyboard alone, Tab from cell to cell; an empty text leaves its cell as it is. */
async function typeLines(page, label, lines) {
  await page.getByRole("grid", { name: label }).locator('[data-cell="0:0"]').focus();
  for (const line of lines) {
    for (const text of line) {
      if (text) await page.keyboard.type(text);
      await page.keyboard.press("Tab");
    }
  }
}

async function act(page, action) {
  await press(page, action);
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/Tells the world|No bookings/).first().waitFor();
  await dialog.getByRole("button", { name: action, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Waits until the document stands in this state. */
const status = (page, name) => page.getByRole("list", { name: "Status" }).locator('[aria-current="step"]', { hasText: name }).waitFor();
const onPage = (page, pattern) => page.waitForURL((url) => pattern.test(url.pathname));
const idOf = (page) => new URL(page.url()).searchParams.get("id");

async function signUp(page) {
  await page.goto("/sign-up/");
  await page.getByLabel("Your name").fill(OWNER.name);
  await page.getByLabel("Email").fill(OWNER.email);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByLabel("Organization").fill("Velo Works");
  await field(page, "Country").fill("DE");
  await press(page, "Create");
  await heading(page, "Invite a colleague");
  await field(page, "Name").fill(APPROVER.name);
  await page.getByLabel("Email").fill(APPROVER.email);
  await page.getByLabel("First password").fill(APPROVER.password);
  await press(page, "Invite");
  await onPage(page, /^\/$/);
  await heading(page, "Home");
}

async function signIn(page, { email, password }) {
  await page.goto("/sign-in/");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in");
  await heading(page, "Home");
}

async function addMasters(page) {
  await page.goto("/parties/edit/");
  await field(page, "Name").fill("Chain Champions");
  await page.getByRole("checkbox", { name: "Supplier" }).check();
  await field(page, "Country").fill("DE");
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
  return idOf(page);
}

async function approve(approver, id, path) {
  await approver.goto("/approvals/");
  await approver.getByText("Approvals").first().waitFor();
  await approver.goto(`${path}view/?id=${id}`);
  await act(approver, "Approve");
  await status(approver, "Approved");
}

async function buy(owner, approver) {
  const ids = {};
  await owner.goto("/procurement/requisitions/new/");
  await typeLines(owner, "Lines", [
    ["CHAIN-11", "", "20", "", "12.50"],
  ]);
  ids.requisitions = await saveAndShow(owner, "Save and submit");
  await status(owner, "In review");
  await approve(approver, ids.requisitions, "/procurement/requisitions/");

  await owner.reload();
  await owner.getByRole("link", { name: "Order", exact: true }).click();
  await choose(owner, "Supplier", "Chain Champions");
  ids["purchase-orders"] = await saveAndShow(owner, "Save and submit");
  await approve(approver, ids["purchase-orders"], "/procurement/purchase-orders/");

  await owner.reload();
  await owner.getByRole("link", { name: "Receive", exact: true }).click();
  ids["goods-receipts"] = await saveAndShow(owner, "Save and post");
  await status(owner, "Posted");

  await owner.goto(`/procurement/purchase-orders/view/?id=${ids["purchase-orders"]}`);
  await owner.getByRole("link", { name: "Invoice", exact: true }).click();
  await field(owner, "Supplier's number").fill("2026-0815");
  ids["supplier-invoices"] = await saveAndShow(owner, "Save and post");
  await status(owner, "Posted");

  await owner.getByRole("link", { name: "Pay", exact: true }).click();
  ids.payments = await saveAndShow(owner, "Save and post");
  await status(owner, "Posted");

  await owner.goto(`/billing/supplier-invoices/view/?id=${ids["supplier-invoices"]}`);
  await owner.getByTitle("Where it comes from").click();
  await owner.getByRole("row", { name: /Sum.*0\.00/ }).waitFor();
  return ids;
}

/** Every exported page; those of one record with a record that was made on the way. */
function pagesOf(ids) {
  const queries = { "/documents/view/": `id=${ids.payments}`, "/ledger/account/": "code=1020" };
  return readdirSync(out, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("index.html") && !/^(_not-found|404)\b/.test(file))
    .map((file) => `/${file.slice(0, -"index.html".length)}`)
    .flatMap((path) => {
      const [, , collection, kind] = path.split("/");
      const id = ids[collection];
      const query = queries[path] ?? (id && (kind === "view" || kind === "edit") ? `id=${id}` : null);
      return query ? [`${path}?${query}`] : [path];
    })
    .sort();
}

/** The second theme differs in its colours alone, so only they are judged again. */
const THEMES = { light: {}, dark: { runOnly: ["color-contrast", "link-in-text-block"] } };

async function look(page, path) {
  await page.goto(path);
  await page.locator("h1, h2").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
  await page.evaluate(axe);
  for (const [theme, options] of Object.entries(THEMES)) {
    await page.evaluate((name) => void (document.documentElement.dataset.theme = name), theme);
    const name = path.replace(/\?.*/, "").replaceAll("/", "_");
    await page.screenshot({ path: join(shots, `${name}${theme}.png`) });
    const { violations } = await page.evaluate((how) => globalThis.axe.run(document, { resultTypes: ["violations"], ...how }), options);
    for (const found of violations.filter(({ impact }) => impact === "serious" || impact === "critical")) {
      wrong.push(`${path} (${theme}): ${found.id}, ${found.help}: ${found.nodes[0].html.slice(0, 200)}`);
    }
  }
}

async function lookAtAll(page, paths) {
  for (let path = paths.shift(); path; path = paths.shift()) await look(page, path);
}

try {
  const [owner, approver] = [await person("Olivia"), await person("Ada")];
  await signUp(owner);
  await addMasters(owner);
  await signIn(approver, APPROVER);
  const ids = await buy(owner, approver);
  const paths = pagesOf(ids);
  console.log(`${paths.length} pages in two themes`);
  await Promise.all([owner, await owner.context().newPage(), await owner.context().newPage()].map((page) => lookAtAll(page, paths)));
} catch (error) {
  wrong.push(error.stack);
  for (const context of browser.contexts()) {
    for (const page of context.pages()) {
      wrong.push(`${page.url()}\n${await page.locator("main").ariaSnapshot({ timeout: 1000 }).catch(() => "")}`);
    }
  }
}
await browser.close();
for (const line of wrong) console.log(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
