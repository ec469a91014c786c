// Draws the charts whose options the page carries. Without this script, or
// without the chart library, the page keeps its SVG and its tables.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = [];

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue("--" + name).trim();
    return {
      palette: ["c1", "c2", "c3", "c4", "c5", "c6"].map(of),
      ink: of("ink"), soft: of("soft"), faint: of("faint"), card: of("card"), line: of("line"),
      font: getComputedStyle(document.body).fontFamily,
    };
  }

  function options(box) {
    const source = document.getElementById("options-" + box.dataset.chart);
    const o = JSON.parse(source.textContent);
    const t = theme();
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    const value = (v) => (typeof v === "number" ? number.format(v) + "\u00a0" + box.dataset.unit : "–");
    o.color = t.palette;
    o.textStyle = { fontFamily: t.font };
    o.aria = { enabled: true, decal: { show: false } };
    o.tooltip = {
      ...o.tooltip, renderMode: "richText", valueFormatter: value, confine: true, backgroundColor: t.card,
      borderColor: t.line, textStyle: { color: t.ink, fontFamily: t.font }, axisPointer: { lineStyle: { color: t.soft } },
    };
    for (const axis of [o.xAxis, o.yAxis].flat()) {
      axis.axisLabel = { ...axis.axisLabel, color: t.soft, fontFamily: t.font, hideOverlap: true };
      axis.axisLine = { lineStyle: { color: t.line } };
      axis.splitLine = { lineStyle: { color: t.faint } };
    }
    for (const axis of [o.xAxis].flat()) axis.boundaryGap = false;
    for (const axis of [o.yAxis].flat()) axis.axisLabel.formatter = (v) => number.format(v);
    return o;
  }

  function draw(box) {
    const chart = echarts.init(box, null, { renderer: "svg" });
    chart.setOption(options(box));
    drawn.push({ box, chart });
    new ResizeObserver(() => chart.resize()).observe(box);
  }

  function start() {
    if (typeof echarts === "undefined") return;
    for (const box of document.querySelectorAll("[data-chart]")) {
      const fallback = [...box.childNodes];
      try {
        box.replaceChildren();
        box.classList.add("drawn");
        draw(box);
        box.dataset.ready = "true";
      } catch (fault) {
        box.classList.remove("drawn");
        box.replaceChildren(...fallback);
        console.error(fault);
      }
    }
    dark.addEventListener("change", () => drawn.forEach(({ box, chart }) => chart.setOption(options(box), true)));
  }

  start();
})();
