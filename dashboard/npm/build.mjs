// Bundles the used parts of ECharts into ../static/echarts.js, which the Go
// build embeds. License comments are kept.
import { build } from "esbuild";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("node_modules/echarts/package.json")));
const outfile = here("../static/echarts.js");

await build({
  entryPoints: [here("entry.js")],
  outfile,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "inline",
  banner: { js: `/*! Apache ECharts ${version}, Apache-2.0, https://echarts.apache.org */` },
  define: { "process.env.NODE_ENV": '"production"' },
});
console.log(`${outfile}: ${Math.round(statSync(outfile).size / 1000)} kB`);
