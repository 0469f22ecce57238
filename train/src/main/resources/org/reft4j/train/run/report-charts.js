/* Curves: one chart a metric, one colour a run. */
/* Rewards are on the scale of the runs that are paid any: a supervised one beside them has none. */
const rewarded = runs.filter(run => run.metrics.reward);
const scaleOf = what => [...new Set((rewarded.length ? rewarded : runs).map(run => run.scale[what]).filter(words => words))].join(" · ");
const right = scaleOf("right") ? "; " + scaleOf("right") : "";
/* The parts of a multi grader have curves beside the reward; the parts of a part are below. */
const parts = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))].filter(name => /^grade\/[^.]*$/.test(name)).sort();
const scored = run => run.scale.right !== "" || run.rollouts.some(rollout => rollout.grade === "scored");
const mainCharts = [
  ["reward", "Reward", "mean of the rollouts of a step: " + scaleOf("reward")],
  ...parts.map(name => [name, "Reward, part " + name.slice(6), "mean score of this part, over the rollouts of a step"]),
  ["validation", "Validation accuracy", "greedy; the band is the 95 % Wilson interval" + right],
  ["validation-reward", "Validation reward", "mean of the greedy answers: " + scaleOf("reward")],
  ["score-correct", "Sampled answers that are right", "share of the rollouts of a step" + right],
  ["distinct-correct-total", "Distinct correct chains", "found so far"],
  ["kl-sequence", "KL to the reference", "per completion, in nats"],
  ["entropy", "Entropy", "estimate per token, in nats"],
  ["length-mean", "Completion length", "mean tokens of a completion"],
  ["logprob-gap-p999", "Log-prob gap", "between sampling and training; a token in a thousand differs more"],
  ["loss-total", "Loss", "policy loss and weighted value loss"],
  ["loss", "Loss", "cross-entropy per token, in nats"],
  ["gradient-norm", "Gradient norm", "before clipping"],
  ["sample-tokens-per-second", "Sampling speed", "tokens per second"],
  ["train-tokens-per-second", "Training speed", "tokens per second"],
];
const hidden = new Set();
const plots = [];
let smoothing = 0.8;

function smoothed(values) {
  let mean = null;
  let weight = 0;
  return values.map(value => {
    if (value === null) return null;
    // Weighted from the start, so that the first steps are not drawn towards zero.
    mean = (mean === null ? 0 : mean * smoothing) + (1 - smoothing) * value;
    weight = weight * smoothing + (1 - smoothing);
    return mean / weight;
  });
}

/** Per run the points of a metric as { steps, values, low?, high? }. */
function curvesOf(name) {
  return runs.map(run => {
    if (name === "validation-reward") {
      const paid = !scored(run) ? [] : run.evaluations.filter(evaluation => evaluation.split === "validation" && evaluation.reward !== null);
      return paid.length === 0 ? null : { steps: paid.map(m => m.step), values: paid.map(m => m.reward), width: 1 };
    }
    if (name !== "validation") return run.metrics[name] || run.timings[name] || null;
    const measured = run.evaluations.filter(evaluation => evaluation.split === "validation" && evaluation.accuracy !== null);
    return measured.length === 0 ? null : {
      steps: measured.map(m => m.step), values: measured.map(m => 100 * m.accuracy),
      low: measured.map(m => 100 * m.low), high: measured.map(m => 100 * m.high), width: 1,
    };
  });
}

/** Columns for uPlot over the steps of all runs, with series and bands to draw them. */
function columnsOf(curves, banded, smooth) {
  const steps = [...new Set(curves.flatMap(curve => curve ? curve.steps : []))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, index) => [step, index]));
  const columns = [steps];
  const series = [{}];
  const bands = [];
  curves.forEach((curve, run) => {
    if (!curve || hidden.has(run)) return;
    const ink = colour(runColour(run));
    const add = (values, options) => {
      const column = new Array(steps.length).fill(null);
      curve.steps.forEach((step, index) => { column[place.get(step)] = values[index]; });
      columns.push(column);
      series.push({ spanGaps: true, points: { show: curve.steps.length < 30 && options.main, size: 5, fill: ink }, ...options });
    };
    if (banded) {
      add(curve.high, { stroke: "transparent" });
      add(curve.low, { stroke: "transparent" });
      bands.push({ series: [series.length - 2, series.length - 1], fill: ink + "2e" });
      add(curve.values, { stroke: ink, width: 2, main: true, run });
    } else if (smooth && smoothing > 0 && curve.steps.length > 10) {
      add(curve.values, { stroke: ink + "55", width: 1, raw: true, run });
      add(smoothed(curve.values), { stroke: ink, width: 2, run });
    } else {
      add(curve.values, { stroke: ink, width: 2, main: true, raw: true, run });
    }
  });
  return { columns, series, bands };
}

function readout(output, plot, banded) {
  const index = plot.cursor.idx;
  output.replaceChildren();
  if (index === null || index === undefined) return;
  output.append("step " + plot.data[0][index]);
  plot.series.forEach((series, position) => {
    if (series.run === undefined || (!banded && !series.raw)) return;
    const value = plot.data[position][index];
    if (value === null || value === undefined) return;
    output.append(make("span", { style: `color:var(${runColour(series.run)});margin-left:8px;font-weight:600` },
      number(value) + (banded ? " %" : "")));
  });
}

function addChart(grid, [name, title, about]) {
  const curves = curvesOf(name);
  if (!curves.some(curve => curve && curve.values.some(value => value !== null))) return;
  const banded = name === "validation";
  const width = Math.max(...curves.map(curve => curve ? curve.width : 1));
  const output = make("output", {});
  const plotBox = make("div", { class: "plot" });
  grid.append(make("figure", { class: "chart", style: "margin:0", "data-metric": name },
    make("header", {}, make("h3", {}, title), output),
    make("p", {}, about + (width > 1 ? `; each point is the mean of ${width} steps` : "")), plotBox));
  let plot = null;
  const draw = () => {
    if (plot) plot.destroy();
    const { columns, series, bands } = columnsOf(curves, banded, name !== "distinct-correct-total"); // the mean of a count lags behind it
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const labels = (_, values) => values.map(value => value === null ? "" : Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3)
      ? value.toExponential(1) : String(+value.toPrecision(4)) + (banded ? " %" : ""));
    plot = new uPlot({
      width: Math.max(120, plotBox.clientWidth), height: 190, series, bands,
      scales: { x: { time: false }, y: { range: (_, low, high) => spanOf(low, high, banded ? 100 : 1) } },
      axes: [{ ...axis, grid: { show: false }, size: 26, values: (_, values) => values.map(value => Number.isInteger(value) ? value : "") },
        { ...axis, size: 52, values: labels }],
      cursor: { sync: { key: "steps" }, y: false, points: { size: 7 } },
      hooks: { setCursor: [self => readout(output, self, banded)] },
    }, columns, plotBox);
  };
  const entry = { draw, drawn: false, fit: () => plot && plot.setSize({ width: Math.max(120, plotBox.clientWidth), height: 190 }) };
  plots.push(entry);
  plotBox.style.minHeight = "190px";
  const show = () => {
    if (plotBox.clientWidth > 0 && !entry.drawn) { entry.drawn = true; draw(); } else entry.fit();
  };
  show(); // at once where there is room: an observer waits for a frame, which printing or saving a page may not
  new ResizeObserver(show).observe(plotBox);
}

const redrawCharts = () => plots.filter(plot => plot.drawn).forEach(plot => plot.draw());

function drawCharts() {
  const legend = runs.length < 2 ? [] : runs.map((run, index) => make("button", {
    class: "chip", type: "button", "aria-pressed": "true",
    onclick: event => {
      hidden.has(index) ? hidden.delete(index) : hidden.add(index);
      event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(index)));
      redrawCharts();
    },
  }, make("i", { class: "swatch", style: `background:var(${runColour(index)})` }), run.label));
  const slider = make("input", { type: "range", min: 0, max: 0.95, step: 0.05, value: smoothing, "aria-label": "Smoothing",
    oninput: event => { smoothing = Number(event.target.value); redrawCharts(); } });
  const grid = make("div", { class: "charts" });
  const element = section("curves", make("h2", {}, "Curves"),
    make("p", { class: "muted small" }, "Over training steps. Thin lines are what was measured, thick ones a moving average. Drag over a chart to zoom, double-click to go back."),
    make("div", { class: "bar legend" }, ...legend, make("label", {}, "smoothing", slider)), grid);
  mainCharts.forEach(chart => addChart(grid, chart));
  const shown = new Set(mainCharts.map(chart => chart[0]));
  const others = [...new Set(runs.flatMap(run => [...Object.keys(run.metrics), ...Object.keys(run.timings)]))]
    .filter(name => !shown.has(name)).sort();
  if (others.length) {
    const more = make("div", { class: "charts" });
    element.append(make("details", {}, make("summary", {}, `All other figures (${others.length})`), more));
    others.forEach(name => addChart(more, [name, name, ""]));
  }
  redraws.push(redrawCharts);
}
