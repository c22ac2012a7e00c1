// Every exported page in both themes; those of one record with a record that the purchase made.
import { readdirSync } from "node:fs";
import { OWNER, given, judge, person, run, settled, signIn } from "./support.mjs";

const OUT = new URL("../../web/out/", import.meta.url);

function pagesOf(ids) {
  const queries = { "/documents/view/": `id=${ids.payments}`, "/ledger/account/": "code=1020", "/ledger/entries/": `document=${ids.payments}` };
  return readdirSync(OUT, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("index.html") && !/^(_not-found|404)\b/.test(file))
    .map((file) => `/${file.slice(0, -"index.html".length)}`)
    .map((path) => {
      const [, , collection, kind] = path.split("/");
      const id = kind === "view" || kind === "edit" ? ids[collection] : undefined;
      const query = queries[path] ?? (id ? `id=${id}` : null);
      return query ? `${path}?${query}` : path;
    })
    .sort();
}

await run(async () => {
  const owner = await person("Olivia");
  await signIn(owner, OWNER);
  const paths = pagesOf(JSON.parse(given));
  const lookAtAll = async (page) => {
    for (let path = paths.shift(); path; path = paths.shift()) {
      await page.goto(path);
      await page.locator("main h1, main h2").first().waitFor();
      await settled(page);
      await judge(page, path.replace(/\?.*/, "").replaceAll("/", "_"));
    }
  };
  await Promise.all([lookAtAll(owner), lookAtAll(await owner.context().newPage())]);
});
