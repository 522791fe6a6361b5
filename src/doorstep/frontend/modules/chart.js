import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

function theme() {
  const axis = {
    axisLine: { lineStyle: { color: token("--line-strong") } },
    axisTick: { show: false },
    axisLabel: { color: token("--text-quiet"), fontSize: 0.8125 * rem() },
    splitLine: { lineStyle: { color: token("--line") } },
  };
  return {
    color: [1, 2, 3, 4, 5, 6].map((step) => token(`--series-${step}`)),
    textStyle: { fontFamily: token("--font"), color: token("--text") },
    categoryAxis: axis,
    valueAxis: { ...axis, axisLine: { show: false } },
    line: { symbolSize: 5, lineStyle: { width: 2 } },
    bar: { barMaxWidth: 28 },
  };
}

/** A line across the chart at one value, with its name. */
const markLine = ({ at, name }) => ({
  symbol: "none",
  silent: true,
  lineStyle: { color: token("--text"), type: "dashed" },
  label: { formatter: `${name} ${at}`, position: "end", distance: 4, color: token("--text"), fontSize: 0.8125 * rem() },
  data: [{ yAxis: at }],
});

/**
 * data: {kind: "line"|"bar", labels: [...], unit, description, series: [{name, values: [number|null]}]}; mark: {at, name}
 * for a line across at a value of the upright axis.
 */
function options(data) {
  const several = data.series.length > 1;
  return {
    animation: false,
    aria: { enabled: true, label: { description: data.description } },
    // beside the bars, not over them: what the line says has its own room at the right
    grid: { left: 4, right: data.mark ? 4.5 * rem() : 12, top: several ? 56 : 32, bottom: 8, containLabel: true },
    legend: several ? { left: 0, top: 0, icon: "roundRect", itemHeight: 8, itemWidth: 16 } : undefined,
    // Rich text, because a tooltip made of HTML would need inline styles.
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (v) => (v == null ? "—" : `${v} ${data.unit ?? ""}`) },
    xAxis: { type: "category", data: data.labels, boundaryGap: data.kind === "bar" },
    yAxis: { type: "value", name: data.unit, minInterval: 1, scale: data.kind !== "bar", nameTextStyle: { align: "right", color: token("--text-quiet") } },
    series: data.series.map(({ name, values }, index) => ({
      name,
      type: data.kind ?? "line",
      data: values,
      connectNulls: false,
      markLine: data.mark && index === 0 ? markLine(data.mark) : undefined,
    })),
  };
}

function draw(element) {
  const data = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const chart = echarts.init(element, theme(), { renderer: "svg" });
  chart.setOption(options(data));
  new ResizeObserver(() => chart.resize({ animation: { duration: 0 } })).observe(element);
  element.dataset.drawn = "yes";
}

export function drawIn(root) {
  for (const element of root.querySelectorAll("[data-chart]:not([data-drawn])")) draw(element);
}
