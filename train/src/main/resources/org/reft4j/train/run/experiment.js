/* An experiment: tables, curves, sweep. Shares are in [0, 1]. */
const lines = data.lines;
const lineColour = index => colour(runColour(index));
const points = share => share === null || share === undefined ? "–" : (share >= 0 ? "+" : "−") + Math.abs(100 * share).toFixed(1);
const range = (figure, show) => figure.low === null ? "" : show(figure.low) + " to " + show(figure.high);
const plain = share => (100 * share).toFixed(1);
const amount = value => value === undefined || value === null ? "–"
  : value >= 1e6 ? (value / 1e6).toFixed(2) + " M" : value >= 1e4 ? (value / 1e3).toFixed(1) + " k" : String(Math.round(value));
const several = data.seeds.length > 1;
const intervalName = several ? "95 % over seeds" : "95 % Wilson";

/** A table whose columns sort: [title, class, value to sort by, cell], rows as given. */
function sortable(columns, rows) {
  const body = make("tbody", {});
  const heads = columns.map(([title, kind], at) => make("th", { class: kind, "aria-sort": "none" },
    make("button", { type: "button", onclick: () => sort(at) }, title)));
  let up = false;
  let last = -1;
  const fill = order => body.replaceChildren(...order.map(row => make("tr", { "data-line": row.label || row.second },
    columns.map(([, kind, , cell]) => make("td", { class: kind }, cell(row))))));
  const sort = at => {
    up = last === at ? !up : typeof columns[at][2](rows[0]) === "string";
    last = at;
    heads.forEach((head, index) => head.setAttribute("aria-sort", index === at ? (up ? "ascending" : "descending") : "none"));
    const value = row => { const v = columns[at][2](row); return v === null || v === undefined ? -Infinity : v; };
    fill([...rows].sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (up ? 1 : -1)));
  };
  fill(rows);
  return make("div", { class: "scroll", style: "margin-top:10px" },
    make("table", { class: "sortable" }, make("thead", {}, make("tr", {}, heads)), body));
}

const named = row => {
  const index = lines.findIndex(line => line.label === (row.label || row.line));
  return [make("i", { class: "mark", style: `background:var(${runColour(index)})` }),
    make("span", { class: row.control ? "control" : "" }, (row.label || row.second) + (row.control ? " (control)" : ""))];
};

function span(figure, bottom, top, index, zero) {
  const at = value => (100 * (Math.min(top, Math.max(bottom, value)) - bottom) / (top - bottom)).toFixed(2) + "%";
  const low = figure.low === null ? figure.mean : figure.low;
  const high = figure.high === null ? figure.mean : figure.high;
  const width = 100 * (Math.min(top, high) - Math.max(bottom, low)) / (top - bottom);
  return make("div", { class: "whisker", role: "img", "aria-label": plain(low) + " to " + plain(high) },
    make("i", { class: "axis" }), zero ? make("i", { class: "zero", style: `left:${at(0)}` }) : null,
    make("i", { class: "range", style: `left:${at(low)};width:${width.toFixed(2)}%;background:var(${runColour(index)})` }),
    make("i", { class: "dot", style: `left:${at(figure.mean)};background:var(${runColour(index)})` }));
}

function drawHead() {
  document.getElementById("summary").textContent = [data.about, "seeds " + data.seeds.join(", "), "baseline: " + data.baseline]
    .filter(word => word).join(" · ");
}

function drawLines() {
  const top = Math.min(1, Math.ceil(10 * Math.max(0.1, ...lines.map(line => line.accuracy.high ?? line.accuracy.mean))) / 10);
  const bottom = Math.max(0, Math.floor(10 * Math.min(top - 0.1, ...lines.map(line => line.accuracy.low ?? line.accuracy.mean))) / 10);
  section("results", make("h2", {}, "Accuracy on the test questions"), make("p", { class: "muted small" }, data.touched),
    sortable([
      ["Rung", "", row => row.label, named],
      ["Accuracy", "number accuracy", row => row.accuracy.mean, row => percent(row.accuracy.mean)],
      [intervalName, "number", row => row.accuracy.low, row => range(row.accuracy, plain)],
      [percent(bottom, 0) + " – " + percent(top, 0), "", row => row.accuracy.mean, row => span(row.accuracy, bottom, top, lines.indexOf(row))],
      ["Correct", "number", row => row.correct, row => row.correct + " / " + row.total],
      ["Readable", "number", row => row.answered, row => percent(row.answered)],
      ["Lenient", "number", row => row["among-answered"], row => percent(row["among-answered"])],
      ["Validation", "number", row => row.validation, row => percent(row.validation)],
    ], lines),
    make("p", { class: "muted small" }, "Accuracy is strict: what cannot be read is wrong. Readable: answers that could be read. "
      + "Lenient: the share of those that is right. Validation: of the chosen checkpoints."));
}

function drawComparisons() {
  if (!data.comparisons.length) return;
  const reach = Math.max(0.02, ...data.comparisons.flatMap(pair => [Math.abs(pair.low), Math.abs(pair.high)]));
  /* Said once where it is the same everywhere: the column would only take width. */
  const methods = new Set(data.comparisons.map(pair => pair.method));
  section("comparisons", make("h2", {}, "Gains, on the same questions"),
    sortable([
      ["Gain of", "", row => row.second, named],
      ["Over", "", row => row.first, row => row.first],
      ["Points", "number", row => row.gain, row => points(row.gain)],
      ["95 % interval", "number", row => row.low, row => range(row, points)],
      ["± " + plain(reach), "", row => row.gain,
        row => span({ mean: row.gain, low: row.low, high: row.high }, -reach, reach, lines.findIndex(line => line.label === row.line), true)],
      ["p", "number", row => row.p, row => row.p < 1e-4 ? "< 0.0001" : row.p.toFixed(4)],
      ["p, Holm", "number", row => row.adjusted, row => row.adjusted < 1e-4 ? "< 0.0001" : row.adjusted.toFixed(4)],
      ...(data.seeds.length > 1 ? [["Over seeds", "number", row => row["by-seed"].low, row => range(row["by-seed"], points)]] : []),
      ...(methods.size > 1 ? [["Method", "", row => row.method, row => row.method]] : []),
    ], data.comparisons),
    make("p", { class: "muted small" }, [
      methods.size > 1 ? "" : `Intervals and p: ${[...methods][0]}.`,
      data.seeds.length > 1 ? "Over seeds: Student's interval of the single seeds' gains." : "",
    ].join(" ").trim()));
}

/* Curves: one chart, its axis switchable. */
const axes = [["steps", "steps"], ["samples", "samples"], ["tokens", "sampled tokens"], ["seconds", "seconds of training"]];
const hiddenLines = new Set();
/* Bands of more lines than this hide each other. */
const mostBands = 6;
/* Of the first six lines, of those whose colours come again, and again; control runs are dotted. */
const dashesOf = line => line.control ? [2, 3] : [undefined, [10, 4], [10, 3, 2, 3]][Math.floor(lines.indexOf(line) / 6) % 3];

function swatch(line) {
  const ink = `var(${runColour(lines.indexOf(line))})`;
  const dashes = dashesOf(line);
  if (!dashes) return make("i", { class: "swatch long", style: `background:${ink}` });
  let at = 0;
  const stops = dashes.map((length, index) => {
    const stop = `${index % 2 ? "transparent" : ink} ${at}px ${at + length}px`;
    at += length;
    return stop;
  });
  return make("i", { class: "swatch long", style: `background:repeating-linear-gradient(90deg, ${stops.join(", ")})` });
}

function curveColumns(shown, x, y) {
  const xs = [...new Set(shown.flatMap(line => line.curve.map(mark => x(mark))))].sort((a, b) => a - b);
  const place = new Map(xs.map((value, index) => [value, index]));
  const columns = [xs];
  const series = [{}];
  const bands = [];
  shown.forEach(line => {
    const ink = lineColour(lines.indexOf(line));
    const add = (value, options) => {
      const column = new Array(xs.length).fill(null);
      line.curve.forEach(mark => { const v = value(mark); column[place.get(x(mark))] = v === null ? null : 100 * v; });
      columns.push(column);
      series.push({ spanGaps: true, points: { show: false }, ...options });
    };
    add(mark => mark.accuracy.high, { stroke: "transparent" });
    add(mark => mark.accuracy.low, { stroke: "transparent" });
    if (shown.length <= mostBands) bands.push({ series: [series.length - 2, series.length - 1], fill: ink + "26" });
    add(y, { stroke: ink, width: 2, points: { show: line.curve.length < 40, size: 5, fill: ink }, dash: dashesOf(line), line });
  });
  return { columns, series, bands };
}

function chart(box, output, shownLines, axis) {
  let plot = null;
  const draw = () => {
    if (plot) plot.destroy();
    const { columns, series, bands } = curveColumns(shownLines(), mark => mark[axis()], mark => mark.accuracy.mean);
    const style = { stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    plot = new uPlot({
      width: Math.max(120, box.clientWidth), height: 340, series, bands,
      scales: { x: { time: false }, y: { range: (_, low, high) => spanOf(low, high, 100) } },
      axes: [{ ...style, grid: { show: false }, size: 26, values: (_, values) => values.map(value => value === null ? "" : amount(value)) },
        { ...style, size: 52, values: (_, values) => values.map(value => value === null ? "" : +value.toPrecision(4) + " %") }],
      cursor: { y: false },
      hooks: { setCursor: [self => {
        const index = self.cursor.idx;
        output.replaceChildren();
        if (index === null || index === undefined) return;
        output.append(amount(self.data[0][index]));
        self.series.forEach((one, at) => {
          const value = self.data[at][index];
          if (!one.line || value === null || value === undefined) return;
          output.append(make("span", { style: `color:var(${runColour(lines.indexOf(one.line))});margin-left:8px;font-weight:600` }, value.toFixed(1) + " %"));
        });
      }] },
    }, columns, box);
  };
  box.style.minHeight = "340px";
  new ResizeObserver(() => plot && plot.setSize({ width: Math.max(120, box.clientWidth), height: 340 })).observe(box);
  redraws.push(draw);
  return draw;
}

function drawCurves() {
  // A rung that was measured once, at its end, has no curve, and would only stretch the axis.
  const curved = lines.filter(line => line.curve.length > 1);
  if (!curved.length) return;
  let axis = "steps";
  const box = make("div", { class: "plot" });
  const output = make("output", {});
  const legend = curved.map(line => make("button", { class: "chip", type: "button", "aria-pressed": "true",
    onclick: event => {
      hiddenLines.has(line.label) ? hiddenLines.delete(line.label) : hiddenLines.add(line.label);
      event.currentTarget.setAttribute("aria-pressed", String(!hiddenLines.has(line.label)));
      draw();
    } }, swatch(line), line.label));
  const all = show => make("button", { type: "button", onclick: () => {
    curved.forEach(line => show ? hiddenLines.delete(line.label) : hiddenLines.add(line.label));
    legend.forEach(chip => chip.setAttribute("aria-pressed", String(show)));
    draw();
  } }, show ? "all" : "none");
  const select = make("select", { "aria-label": "Horizontal axis", onchange: event => { axis = event.target.value; draw(); } },
    axes.map(([name, title]) => make("option", { value: name }, title)));
  section("curves", make("h2", {}, "Validation accuracy"),
    make("p", { class: "muted small" }, (several ? "Mean over seeds; the band reaches from the lowest seed to the highest." : "One seed; the band is the 95 % Wilson interval.")
      + (curved.length > mostBands ? ` Bands are drawn for up to ${mostBands} lines at a time.` : "")
      + " Costs are those of the rung alone, without what it starts from. Control runs are dotted."),
    make("div", { class: "bar legend" }, ...legend, ...(curved.length > mostBands ? [all(true), all(false)] : []), make("label", {}, "against", select)),
    make("figure", { class: "chart", style: "margin:0" }, make("header", {}, make("h3", {}, "Validation accuracy"), output), box));
  const draw = chart(box, output, () => curved.filter(line => !hiddenLines.has(line.label)), () => axis);
  draw();
}

function drawSweep() {
  const swept = lines.filter(line => line.value !== undefined);
  if (!data.swept || !swept.length) return;
  const top = Math.max(0.1, ...swept.flatMap(line => [line.end ?? 0, line.accuracy.mean]));
  section("sweep", make("h2", {}, "Sweep of " + data.swept),
    make("p", { class: "muted small" }, "Collapse shows as an end far below the best: the last measurement in training, and how far it lies below the curve's highest point."),
    sortable([
      ["Value", "", row => typeof row.value === "number" ? row.value : String(row.value), row => [...named(row)]],
      ["Validation, end", "number", row => row.end, row => row.diverged.length ? "diverged" : percent(row.end)],
      ["0 – " + percent(top, 0), "", row => row.end, row => row.end === null ? "" : span({ mean: row.end, low: null, high: null }, 0, top, lines.indexOf(row))],
      ["Below its best, points", "number", row => row.fall, row => row.fall === null ? "–" : plain(row.fall)],
      ["Test, chosen checkpoint", "number", row => row.accuracy.mean, row => percent(row.accuracy.mean)],
      ["Seconds", "number", row => row.cost.seconds, row => duration(row.cost.seconds)],
    ], swept));
}

function drawVotes() {
  const rows = lines.flatMap(line => line.votes.map(vote => ({ ...vote, label: line.label, control: line.control })));
  if (!rows.length) return;
  const ranked = rows.some(row => row.rerank) ? [
    ["rerank@k", "number", row => row.rerank?.mean, row => row.rerank ? percent(row.rerank.mean) : "–"],
    ["95 % interval", "number", row => row.rerank?.low, row => row.rerank ? range(row.rerank, plain) : ""],
    ["weighted vote@k", "number", row => row["weighted-vote"]?.mean, row => row["weighted-vote"] ? percent(row["weighted-vote"].mean) : "–"],
  ] : [];
  section("votes", make("h2", {}, ranked.length ? "Voting and reranking on samples of the test questions" : "Voting on samples of the test questions"), sortable([
    ["Rung", "", row => row.label, named], ["k", "number", row => row.k, row => row.k],
    ["vote@k", "number", row => row.vote.mean, row => percent(row.vote.mean)],
    ["95 % interval", "number", row => row.vote.low, row => range(row.vote, plain)],
    ...ranked,
    ["pass@k", "number", row => row.pass.mean, row => percent(row.pass.mean)],
    ["95 % interval", "number", row => row.pass.low, row => range(row.pass, plain)],
  ], rows));
}

function drawCost() {
  const reached = (row, index) => row.reached[index].cost;
  const words = cost => cost ? `${amount(cost.steps)} steps, ${amount(cost.samples)} samples, ${duration(cost.seconds)}` : "never";
  section("cost", make("h2", {}, "Cost, mean over seeds"), sortable([
    ["Rung", "", row => row.label, named],
    ["Steps", "number", row => row.cost.steps, row => amount(row.cost.steps)],
    ["Samples", "number", row => row.cost.samples, row => amount(row.cost.samples)],
    ["Sampled tokens", "number", row => row.cost.tokens, row => amount(row.cost.tokens)],
    ["Training", "number", row => row.cost.seconds, row => duration(row.cost.seconds)],
    ["With what it starts from", "number", row => row["whole-cost"].seconds, row => duration(row["whole-cost"].seconds)],
  ], lines));
  if (data.bar === null) return;
  document.getElementById("cost").append(make("h3", { style: "margin-top:18px" },
    "Until validation accuracy is above that of " + data.baseline + " (" + percent(data.bar) + ")"),
    sortable([["Rung", "", row => row.label, named],
      ...[0, 1, 2].map(index => ["+ " + (index + 1) + " point" + (index ? "s" : ""), "number",
        row => reached(row, index) ? -reached(row, index).seconds : null, row => words(reached(row, index))])], lines));
}

function drawTrust() {
  section("trust", make("h2", {}, "How far this can be trusted"),
    make("ul", { class: "trust" }, [...data.reliability, data.touched].map(words => make("li", {}, words))));
}

for (const draw of [drawHead, initTheme, drawLines, drawComparisons, drawCurves, drawSweep, drawVotes, drawCost, drawTrust]) {
  try {
    draw();
  } catch (error) {
    failed(draw.name + ": " + error.message);
    console.error(error);
  }
}
document.documentElement.dataset.drawn = "true";
