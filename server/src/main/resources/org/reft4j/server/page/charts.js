/* Curves, from the JSON that the server gives: one uPlot a chart, the cursor in step on all of them. */
(() => {
  const box = document.getElementById("charts");
  if (!box) return;
  const more = document.getElementById("more-charts");
  const rollouts = box.dataset.rollouts;
  const slider = document.getElementById("smoothing");
  const figures = new Map();
  let smoothing = Number(slider.value);

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  }
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function number(value, percent) {
    if (value === null || value === undefined) return "–";
    if (percent) return (100 * value).toFixed(1) + " %";
    const size = Math.abs(value);
    if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
    return Number.isInteger(value) ? String(value) : value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
  }
  function smooth(values) {
    let mean = 0, weight = 0;
    return values.map(value => {
      if (value === null) return null;
      mean = mean * smoothing + (1 - smoothing) * value; // weighted from the start, so that it does not begin at zero
      weight = weight * smoothing + (1 - smoothing);
      return mean / weight;
    });
  }
  function span(low, high, percent) {
    if (low === null || low === undefined) return [0, 1];
    if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high))) {
      const range = uPlot.rangeNum(low, high, 0.1, true);
      return percent ? [Math.max(0, range[0]), Math.min(1, range[1])] : range;
    }
    return low === 0 ? [0, 1] : low > 0 ? [0, 1.2 * low] : [1.2 * low, 0];
  }
  function open(from, to) {
    if (rollouts) location.assign(rollouts + "?from=" + from + "&to=" + to);
  }

  /** Columns for uPlot over the steps of all lines. */
  function columns(chart) {
    const steps = [...new Set(chart.lines.flatMap(line => line.steps))].sort((a, b) => a - b);
    const place = new Map(steps.map((step, index) => [step, index]));
    const data = [steps], series = [{}], bands = [];
    chart.lines.forEach(line => {
      const ink = colour("--line-" + (line.colour % 4));
      const add = (values, options) => {
        const column = new Array(steps.length).fill(null);
        line.steps.forEach((step, index) => { column[place.get(step)] = values[index]; });
        data.push(column);
        series.push({ spanGaps: true, points: { show: line.steps.length < 30 && Boolean(options.line), size: 5, fill: ink }, ...options });
      };
      if (line.low) {
        add(line.high, { stroke: "transparent" });
        add(line.low, { stroke: "transparent" });
        bands.push({ series: [series.length - 2, series.length - 1], fill: ink + "2e" });
      }
      if (line.smooth && smoothing > 0) {
        add(line.values, { stroke: ink + "55", width: 1, raw: line });
        add(smooth(line.values), { stroke: ink, width: 2, points: { show: false } });
      } else add(line.values, { stroke: ink, width: 2, line: true, raw: line });
    });
    return { data, series, bands };
  }

  function draw(figure) {
    const { chart, holder, output } = figure;
    const old = figure.plot;
    const { data, series, bands } = columns(chart);
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const tell = self => {
      const index = self.cursor.idx;
      output.replaceChildren();
      if (index === null || index === undefined) return;
      output.append("step " + self.data[0][index]);
      self.series.forEach((line, at) => {
        const value = self.data[at][index];
        if (!line.raw || value === null || value === undefined) return;
        output.append(make("span", { class: "ink-" + line.raw.colour % 4 }, "  " + (chart.lines.length > 1 ? line.raw.name + " " : "") + number(value, chart.percent)));
      });
    };
    const mark = self => {
      if (chart.marked === undefined) return;
      const x = self.valToPos(chart.marked, "x", true);
      if (!(x >= self.bbox.left && x <= self.bbox.left + self.bbox.width)) return;
      const { ctx } = self;
      ctx.save();
      ctx.strokeStyle = colour("--muted");
      ctx.setLineDash([4, 4]);
      ctx.beginPath(); ctx.moveTo(x, self.bbox.top); ctx.lineTo(x, self.bbox.top + self.bbox.height); ctx.stroke();
      ctx.fillStyle = colour("--ink");
      ctx.font = 12 * devicePixelRatio + "px system-ui";
      ctx.textAlign = x > self.bbox.left + self.bbox.width / 2 ? "right" : "left";
      ctx.fillText(" ★ chosen ", x, self.bbox.top + 13 * devicePixelRatio);
      ctx.restore();
    };
    figure.plot = new uPlot({
      width: Math.max(160, holder.clientWidth), height: 200, series, bands, legend: { show: false },
      scales: { x: { time: false, range: (_, low, high) => low === high ? [Math.max(0, low - 1), high + 1] : [low, high] }, y: { range: (_, low, high) => span(low, high, chart.percent) } },
      axes: [{ ...axis, grid: { show: false }, size: 26, values: (_, values) => values.map(value => Number.isInteger(value) ? value : "") },
        { ...axis, size: 54, values: (_, values) => values.map(value => value === null ? "" : chart.percent ? +(100 * value).toPrecision(3) + " %"
          : Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(1) : String(+value.toPrecision(4))) }],
      cursor: { sync: { key: "steps" }, y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: !rollouts } },
      hooks: {
        setCursor: [tell],
        draw: [mark],
        setSelect: [self => {
          if (!rollouts || self.select.width < 4) return;
          open(Math.max(0, Math.ceil(self.posToVal(self.select.left, "x"))), Math.floor(self.posToVal(self.select.left + self.select.width, "x")));
        }],
      },
    }, data, holder);
    if (old) old.destroy();
    if (rollouts) {
      figure.plot.over.style.cursor = "pointer";
      figure.plot.over.addEventListener("click", () => {
        const index = figure.plot.cursor.idx;
        if (index !== null && index !== undefined && figure.plot.select.width < 4) open(data[0][index], data[0][index]);
      });
    }
    const last = chart.lines.map(line => line.name + " " + number(line.values.at(-1), chart.percent) + " at step " + line.steps.at(-1)).join(", ");
    holder.setAttribute("aria-label", chart.title + ": " + last);
  }

  function add(chart) {
    const output = make("output", {});
    const holder = make("div", { class: "plot", tabindex: "0", role: "img" });
    const keys = chart.lines.length < 2 ? [] : chart.lines.map(line => make("span", { class: "key" }, make("i", { class: "swatch line-" + line.colour % 4 }), line.name));
    const width = Math.max(...chart.lines.map(line => line.width));
    const figure = { chart, holder, output, drawn: false };
    (chart.main ? box : more).append(make("figure", { class: "chart", "data-chart": chart.id },
      make("figcaption", {}, make("h3", {}, chart.title), output),
      make("p", {}, chart.about + (width > 1 ? ` Each point is the mean of ${width} steps.` : "")), ...keys, holder));
    figures.set(chart.id, figure);
    holder.addEventListener("keydown", event => {
      if (!figure.plot) return;
      const steps = figure.plot.data[0];
      const at = figure.plot.cursor.idx ?? steps.length;
      const next = event.key === "ArrowRight" ? at + 1 : event.key === "ArrowLeft" ? at - 1 : event.key === "Home" ? 0 : event.key === "End" ? steps.length - 1 : null;
      if (event.key === "Enter" && figure.plot.cursor.idx !== null && figure.plot.cursor.idx !== undefined) open(steps[at], steps[at]);
      if (next === null) return;
      event.preventDefault();
      const index = Math.min(steps.length - 1, Math.max(0, next));
      figure.plot.setCursor({ left: figure.plot.valToPos(steps[index], "x"), top: 10 });
    });
    const show = () => {
      if (holder.clientWidth === 0) return;
      if (!figure.drawn) { figure.drawn = true; draw(figure); } else figure.plot.setSize({ width: Math.max(160, holder.clientWidth), height: 200 });
    };
    show();
    new ResizeObserver(show).observe(holder);
  }

  function take({ charts }) {
    if (figures.size === 0) box.replaceChildren();
    charts.forEach(chart => {
      const figure = figures.get(chart.id);
      if (!figure) { add(chart); return; }
      figure.chart = chart;
      if (figure.drawn) draw(figure);
    });
    document.getElementById("more").hidden = more.childElementCount === 0;
    if (charts.length === 0) box.replaceChildren(make("p", { class: "muted" }, "No step is done yet. Curves appear here by themselves."));
  }

  async function load() {
    const reply = await fetch(box.dataset.source);
    if (reply.ok) take(await reply.json());
    document.documentElement.dataset.drawn = "true";
  }
  const redraw = () => figures.forEach(figure => figure.drawn && draw(figure));
  slider.addEventListener("input", () => { smoothing = Number(slider.value); redraw(); });
  document.addEventListener("shade", redraw);
  box.addEventListener("htmx:afterRequest", event => {
    if (event.detail.elt === box && event.detail.successful) take(JSON.parse(event.detail.xhr.responseText));
  });
  load();
})();
