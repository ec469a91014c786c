// Opens every page of a running site in Chromium and fails on whatever a
// visitor would suffer from: `node e2e.mjs http://127.0.0.1:8080`.
//
// Environment: CHROMIUM is the browser (/usr/bin/chromium), SCREENSHOTS a folder
// to keep a picture of each view in, SERVICES how many service pages are opened
// of each kind (2). It prints one JSON summary; its exit code is 1 on any fault.
import { chromium } from "playwright-core";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const base = (process.argv[2] ?? "").replace(/\/$/, "");
if (!base) {
  console.error("usage: node e2e.mjs BASE_URL");
  process.exit(2);
}
const screenshots = process.env.SCREENSHOTS;
const perKind = Number(process.env.SERVICES ?? 2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const origin = new URL(base).origin;
if (screenshots) mkdirSync(screenshots, { recursive: true });

const views = [
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  { name: "phone", colorScheme: "light", viewport: { width: 375, height: 812 } },
  { name: "noscript", colorScheme: "light", viewport: { width: 1280, height: 900 }, javaScriptEnabled: false },
];

async function paths() {
  const services = await (await fetch(base + "/api/v1/services")).json();
  const some = ["api", "demarche"].flatMap((kind) => services.filter((s) => s.kind === kind).slice(0, perKind));
  const pages = (prefix, methodology, producers) => [
    { path: `${prefix}/` }, { path: `${prefix}/?state=down&sort=availability` },
    ...some.map((s) => ({ path: `${prefix}/${s.kind}s/${encodeURIComponent(s.id)}` })),
    ...some.slice(0, 1).map((s) => ({ path: `${prefix}/${s.kind}s/${encodeURIComponent(s.id)}?span=day` })),
    { path: `${prefix}/incidents` }, { path: `${prefix}/${methodology}` }, { path: `${prefix}/${producers}` },
    { path: `${prefix}/nowhere`, status: 404 }, { path: `${prefix}/?wrong=1`, status: 400 },
  ];
  return [...pages("", "methodologie", "producteurs"), ...pages("/en", "methodology", "producers")];
}

const summary = { base, pages: 0, charts: 0, bundle: false, axe: 0, faults: [] };

async function visit(context, view, { path, status = 200 }) {
  const fault = (text) => summary.faults.push(`${view.name} ${path}: ${text}`);
  const page = await context.newPage();
  page.on("console", (m) => {
    if (m.type() === "error" && !(status !== 200 && m.text().includes(`status of ${status}`))) fault(`console: ${m.text()}`);
  });
  page.on("pageerror", (e) => fault(`script: ${e.message}`));
  page.on("request", (r) => {
    if (!r.url().startsWith("data:") && new URL(r.url()).origin !== origin) fault(`request to ${r.url()}`);
  });
  page.on("requestfailed", (r) => fault(`request failed: ${r.url()}`));
  const response = await page.goto(base + path, { waitUntil: "load" });
  if (response.status() !== status) fault(`status ${response.status()}`);
  if (view.javaScriptEnabled === false) {
    const missing = await page.locator("[data-chart]:not(:has(svg))").count();
    if (missing) fault(`${missing} charts without SVG`);
  } else {
    await inspect(page, fault);
  }
  if (screenshots) {
    const name = `${view.name}${path.replace(/[^a-z0-9]+/gi, "_")}.png`;
    await page.screenshot({ path: join(screenshots, name), fullPage: true });
  }
  summary.pages++;
  await page.close();
}

// inspect looks at what only a page with scripts can tell.
async function inspect(page, fault) {
  const seen = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    bundle: document.querySelector('script[src*="/echarts."]') !== null,
    charts: document.querySelectorAll("[data-chart]").length,
    ready: document.querySelectorAll("[data-chart][data-ready] :is(svg, canvas)").length,
    violations: globalThis.violations ?? [],
  }));
  if (seen.wide > 0) fault(`${seen.wide} px wider than the window`);
  if (seen.bundle && seen.ready < seen.charts) fault(`${seen.charts - seen.ready} charts not drawn`);
  for (const v of seen.violations) fault(`CSP: ${v}`);
  summary.bundle ||= seen.bundle;
  summary.charts += seen.ready;
  if (seen.bundle && seen.charts) { // the tooltip is where inline style would come in
    const box = page.locator("[data-chart]").first();
    await box.scrollIntoViewIfNeeded();
    await box.hover();
    for (const v of await page.evaluate(() => globalThis.violations ?? [])) fault(`CSP on hover: ${v}`);
  }
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const v of violations) {
    if (v.impact === "serious" || v.impact === "critical") {
      summary.axe++;
      fault(`axe ${v.id} (${v.impact}): ${v.nodes[0].target.join(" ")}: ${v.nodes[0].failureSummary.split("\n")[1] ?? ""}`);
    }
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const all = await paths();
  await Promise.all(views.map(async ({ name, ...settings }) => {
    const context = await browser.newContext({ ...settings, reducedMotion: "reduce" });
    await context.addInitScript(() => {
      globalThis.violations = [];
      addEventListener("securitypolicyviolation", (e) => globalThis.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
    });
    for (const one of all) await visit(context, { name, ...settings }, one);
    await context.close();
  }));
} finally {
  await browser.close();
}
summary.faults = [...new Set(summary.faults)];
console.log(JSON.stringify(summary, null, 2));
process.exitCode = summary.faults.length > 0 ? 1 : 0;
