const data = JSON.parse(document.getElementById("data").textContent);
const runs = data.runs;
const redraws = [];

function failed(message) {
  const line = document.getElementById("failure");
  line.hidden = false;
  line.textContent = "Part of this page could not be drawn: " + message;
  document.documentElement.dataset.failed = "true";
}
window.addEventListener("error", event => failed(event.message));

/** An element with attributes ("class", "onclick", …) and children; strings become text, never markup. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

function section(id, ...children) {
  const element = document.getElementById(id);
  element.append(...children);
  element.hidden = false;
  document.getElementById("contents").append(make("a", { href: "#" + id }, element.dataset.title));
  return element;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const runColour = index => "--run-" + (index % 6);

function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** The ends of an axis; around a figure that never changes, and from nothing to where it stands. */
function spanOf(low, high, most = 1) {
  if (low === null || low === undefined) return [0, most];
  if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high))) return uPlot.rangeNum(low, high, 0.1, true);
  if (low === 0) return [0, most];
  return low > 0 ? [0, 1.2 * low] : [1.2 * low, 0];
}

const percent = (share, digits = 1) => share === null ? "–" : (100 * share).toFixed(digits) + " %";

function duration(seconds) {
  if (seconds < 90) return Math.round(seconds) + " s";
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? minutes + " min" : Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
}

/* Light and dark. */
const shades = ["auto", "light", "dark"];
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
let shade = "auto";
try { shade = shades.includes(localStorage.getItem("reft4j-theme")) ? localStorage.getItem("reft4j-theme") : "auto"; } catch { /* storage is off */ }

function applyShade(dark) {
  document.documentElement.dataset.shade = dark ? "dark" : "light";
  redraws.forEach(redraw => redraw());
}
const wantsDark = () => shade === "dark" || (shade === "auto" && systemDark.matches);

function initTheme() {
  const button = document.getElementById("theme");
  const show = () => {
    button.textContent = "theme: " + shade;
    applyShade(wantsDark());
  };
  button.addEventListener("click", () => {
    shade = shades[(shades.indexOf(shade) + 1) % shades.length];
    try { localStorage.setItem("reft4j-theme", shade); } catch { /* storage is off: the choice lasts as long as the page */ }
    show();
  });
  systemDark.addEventListener("change", show);
  window.addEventListener("beforeprint", () => applyShade(false));
  window.addEventListener("afterprint", show);
  show();
}

/* Header and results. */
function drawSummary() {
  const parts = [];
  for (const run of runs) {
    const steps = Math.max(0, ...Object.values(run.metrics).map(curve => curve.steps.at(-1) || 0));
    const words = [];
    if (runs.length > 1) words.push(run.label + ":");
    words.push(run.settings.recipe ? "recipe " + run.settings.recipe + "," : "", steps + " steps,");
    words.push(run.outcome ? run.outcome : "not finished");
    if (run.best !== undefined) words.push("(best checkpoint: step " + run.best + ")");
    parts.push(words.filter(word => word).join(" "));
  }
  document.getElementById("summary").textContent = parts.join(" · ");
}

function whisker(low, value, high, top, name) {
  const at = share => (100 * Math.min(1, share / top)).toFixed(2) + "%";
  return make("div", { class: "whisker", role: "img", "aria-label": percent(low) + " to " + percent(high) },
    make("i", { class: "axis" }),
    make("i", { class: "range", style: `left:${at(low)};width:${(100 * (high - low) / top).toFixed(2)}%;background:var(${name})` }),
    make("i", { class: "dot", style: `left:${at(value)};background:var(${name})` }));
}

function drawResults() {
  const results = data.results;
  if (!results) return;
  const names = { warmup: "Warm-up", sft: "SFT, continued", reft: "ReFT" };
  const keys = Object.keys(results).filter(key => results[key] && Number.isFinite(results[key].accuracy));
  const top = Math.min(1, Math.ceil(10 * Math.max(0.1, ...keys.map(key => results[key].high)) + 0.5) / 10);
  const rows = keys.map((key, index) => {
    const result = results[key];
    const run = runs.findIndex(candidate => candidate.label === key); // the colour that its curves have
    return make("tr", { "data-result": key },
      make("td", {}, names[key] || key),
      make("td", { class: "number accuracy" }, percent(result.accuracy)),
      make("td", { class: "number wide" }, result.correct + " / " + result.total),
      make("td", { class: "number" }, (100 * result.low).toFixed(1) + " – " + (100 * result.high).toFixed(1)),
      make("td", { style: "width:45%" }, whisker(result.low, result.accuracy, result.high, top, runColour(run < 0 ? index : run))));
  });
  const head = make("tr", {}, make("th", {}, "Model"), make("th", { class: "number" }, "Accuracy"),
    make("th", { class: "number wide" }, "Correct"), make("th", { class: "number" }, "95 % interval"),
    make("th", {}, "0 – " + percent(top, 0)));
  const element = section("results", make("h2", {}, "Result on held-out questions"),
    make("p", { class: "muted small" }, "Greedy answers to the test questions, which no choice was made on; Wilson intervals."),
    make("div", { class: "scroll", style: "margin-top:10px" }, make("table", {}, make("thead", {}, head), make("tbody", {}, rows))));
  const gain = results.gain;
  if (gain && Number.isFinite(gain.value)) {
    const chance = gain.p < 1e-4 ? "< 0.0001" : "= " + number(gain.p);
    const points = share => (share >= 0 ? "+" : "−") + Math.abs(100 * share).toFixed(1);
    element.append(make("p", { class: "gain" }, "Gain of ReFT: ", make("b", {}, points(gain.value) + " points"),
      " [" + points(gain.low) + ", " + points(gain.high) + "]" + (Number.isFinite(gain.p) ? ", paired test p " + chance : "")));
  }
  const notes = [];
  if (results.seed !== undefined) notes.push("seed " + results.seed);
  for (const [phase, seconds] of Object.entries(results.seconds || {})) {
    if (Number.isFinite(seconds)) notes.push(phase + " " + duration(seconds));
  }
  if (notes.length) element.append(make("p", { class: "muted small" }, notes.join(" · ")));
}

function pairs(values) {
  return make("dl", {}, Object.entries(values).map(([key, value]) =>
    make("div", { class: "pair" }, make("dt", {}, key), make("dd", {}, value))));
}

function drawSetup() {
  const blocks = [make("h2", {}, "Setup")];
  for (const run of runs) {
    blocks.push(make("h3", { style: "margin:14px 0 6px" }, run.label + ": settings"),
      make("div", { class: "columns" }, pairs(run.settings)));
    if (Object.keys(run.environment).length) {
      blocks.push(make("h3", { style: "margin:14px 0 6px" }, run.label + ": versions and machine"),
        make("div", { class: "columns" }, pairs(run.environment)));
    }
    if (run.warnings.length) {
      blocks.push(make("details", {}, make("summary", {}, run.label + ": " + run.warnings.length + " warnings"),
        make("ul", { class: "warnings" }, run.warnings.map(warning => make("li", {}, "step " + warning.step + ": " + warning.message)))));
    }
  }
  section("setup", ...blocks);
}
