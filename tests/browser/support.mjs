// What the scripts of these tests share: a browser, its people, and how they are judged. A script says what went wrong
// and exits with 1; its last line is what it hands on, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const [base, shots, chromiumPath, given] = process.argv.slice(2);
export const OWNER = { name: "Olivia Owner", email: "olivia@example.com", password: "correct horse battery" };
export const APPROVER = { name: "Ada Approver", email: "ada@example.com", password: "staple battery correct" };

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const PATIENCE_MS = 20_000;
const WIDE = { width: 1440, height: 900 };

const wrong = [];
const judged = [];
const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS });

/** A browser of one person, whose every unexpected word is kept. */
export async function person(name, viewport = WIDE) {
  const context = await browser.newContext({ baseURL: base, viewport, locale: "en-GB", reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS);
  context.on("page", (page) => {
    page.on("pageerror", (error) => wrong.push(`${name} at ${page.url()}: ${error.message}`));
    page.on("response", (answer) => {
      if (answer.status() >= 500) wrong.push(`${name}: ${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
  });
  return context.newPage();
}

/** Does the work, closes the browser, tells what was wrong with a look at where everybody stood; hands on the work's answer, else what it judged. */
export async function run(work) {
  let result;
  try {
    result = await work();
  } catch (error) {
    wrong.push(error.stack);
    for (const context of browser.contexts()) {
      for (const page of context.pages()) {
        wrong.push(`${page.url()}\n${await page.locator("body").ariaSnapshot({ timeout: 1000 }).catch(() => "")}`);
      }
    }
  }
  await browser.close();
  for (const line of wrong) console.log(line);
  console.log(JSON.stringify(result ?? judged));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

export function expect(fact, text) {
  if (!fact) wrong.push(text);
}

export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** A field by its label, required or not. */
export const field = (page, label) => page.getByLabel(new RegExp(`^${label}( \\*)?$`));

export const onPage = (page, pattern) => page.waitForURL((url) => pattern.test(url.pathname));

/** Waits until nothing is loading any more. */
export const settled = (page) => page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"));

/** Types lines into the grid by keyboard alone, Tab from cell to cell; an empty text leaves its cell as it is. */
export async function typeLines(page, label, lines) {
  await page.getByRole("grid", { name: label }).locator('[data-cell="0:0"]').focus();
  for (const line of lines) {
    for (const text of line) {
      if (text) await page.keyboard.type(text);
      await page.keyboard.press("Tab");
    }
  }
}

export async function signIn(page, { email, password }) {
  await page.goto("/sign-in/");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in");
  await heading(page, "Home");
}

/** What somebody's program would do over HTTP. */
export async function client({ email, password }) {
  const call = async (method, path, body, token) => {
    const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { access_token: token } = await call("POST", "/auth/login", { email, password });
  return { get: (path) => call("GET", path, undefined, token), post: (path, body = {}) => call("POST", path, body, token) };
}

/** Dimmed behind a modal dialog, which marks it so: nobody is to read it now, it is judged when nothing is open. */
const BEHIND = [["[data-aria-hidden=true]"]];

/** The second theme differs in its colours alone, so only they are judged again. */
const THEMES = { light: {}, dark: { runOnly: ["color-contrast", "link-in-text-block"] } };

/** In the page: the theme as it is once no colour is on its way any more. */
function dress(theme) {
  document.documentElement.dataset.theme = theme;
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
}

/** Judges what is in view in both themes, with a picture of each where a folder takes them; what axe finds serious is wrong. */
export async function judge(page, name) {
  judged.push(name);
  await page.evaluate(axe);
  for (const [theme, options] of Object.entries(THEMES)) {
    await page.evaluate(dress, theme);
    if (shots) await page.screenshot({ path: join(shots, `${name}_${theme}.png`) });
    const { violations } = await page.evaluate(
      ([exclude, how]) => globalThis.axe.run({ include: [document], exclude }, { resultTypes: ["violations"], ...how }),
      [BEHIND, options],
    );
    for (const found of violations.filter(({ impact }) => impact === "serious" || impact === "critical")) {
      wrong.push(`${name} (${theme}): ${found.id}, ${found.help}: ${found.nodes[0].html.slice(0, 200)} ${found.nodes[0].failureSummary}`);
    }
  }
  await page.evaluate(() => void (document.documentElement.dataset.theme = "light"));
}
