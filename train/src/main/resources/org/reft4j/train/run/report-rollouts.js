/* What the model wrote. */
const glyphs = { correct: "✓", wrong: "✗", "no-answer": "∅", failed: "!" };
const grades = { correct: "right", wrong: "wrong", "no-answer": "no answer", failed: "grader failed" };
const rollouts = runs.flatMap((run, runIndex) => run.rollouts.map(rollout => ({
  ...rollout, run: runIndex, id: run.questions[rollout.q].id, question: run.questions[rollout.q].text, target: run.questions[rollout.q].target,
})));
rollouts.forEach(rollout => { rollout.haystack = [rollout.id, rollout.question, rollout.text, rollout.extracted].join("\n").toLowerCase(); });

/* A score has the colour and the sign of what it counts as. */
const kindOf = item => item.grade !== "scored" ? item.grade : item.right ? "correct" : "wrong";
const wordsOf = item => item.grade !== "scored" ? grades[item.grade] || item.grade : "scored, " + grades[kindOf(item)];
const badge = item => make("span", { class: "badge " + kindOf(item) }, (glyphs[kindOf(item)] || "") + " " + wordsOf(item));

function marked(text, needle) {
  if (!needle) return [text];
  const parts = [];
  const lower = text.toLowerCase();
  let at = 0;
  for (let hit = lower.indexOf(needle); hit >= 0 && parts.length < 400; hit = lower.indexOf(needle, at)) {
    parts.push(text.slice(at, hit), make("mark", {}, text.slice(hit, hit + needle.length)));
    at = hit + needle.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/* Tokens, coloured by one of their figures. */
const tokenFigures = {
  advantage: { label: "advantage", value: (trace, i) => trace.advantage[i], diverging: true },
  value: { label: "value", value: (trace, i) => trace.value[i] },
  surprise: { label: "surprise (−log-prob)", value: (trace, i) => trace.logprob[i] === null ? null : -trace.logprob[i] },
  drift: { label: "log-ratio to reference", value: (trace, i) => trace.logprob[i] === null || trace.reference[i] === null ? null
    : trace.logprob[i] - trace.reference[i], diverging: true },
};
let tokenFigure = "advantage";

function shadeOf(value, low, high, diverging) {
  if (value === null || high === low) return "transparent";
  if (diverging) {
    const share = value / high;
    return `rgba(var(${share >= 0 ? "--high" : "--low"}), ${(0.75 * Math.min(1, Math.abs(share))).toFixed(3)})`;
  }
  return `rgba(var(--plain), ${(0.7 * (value - low) / (high - low)).toFixed(3)})`;
}

function tokenView(trace) {
  const facts = make("div", { class: "token-facts" }, "Point at a token for its figures.");
  const scale = make("span", { class: "scale" });
  const body = make("pre", { class: "tokens" });
  const figure = (name, value) => " · " + name + " " + number(value);
  const spans = trace.pieces.map((piece, i) => {
    const visible = piece.replace(/\n/g, "↵\n").replace(/\t/g, "⇥\t");
    const span = make("span", {}, visible === "" ? "∅" : visible);
    const show = () => {
      body.querySelectorAll(".picked").forEach(picked => picked.classList.remove("picked"));
      span.classList.add("picked");
      facts.textContent = JSON.stringify(piece) + figure("advantage", trace.advantage[i]) + figure("value", trace.value[i])
        + figure("log-prob", trace.logprob[i]) + " (p " + number(trace.logprob[i] === null ? null : Math.exp(trace.logprob[i])) + ")"
        + figure("reference", trace.reference[i]);
    };
    span.addEventListener("mouseenter", show);
    span.addEventListener("click", show);
    return span;
  });
  const paint = () => {
    const { label, value, diverging } = tokenFigures[tokenFigure];
    const values = trace.pieces.map((_, i) => value(trace, i));
    const known = values.filter(v => v !== null);
    const reach = Math.max(1e-9, ...known.map(Math.abs));
    const low = diverging ? -reach : Math.min(...known);
    const high = diverging ? reach : Math.max(...known);
    spans.forEach((span, i) => { span.style.background = shadeOf(values[i], low, high, diverging); });
    const gradient = diverging ? "rgba(var(--low),.75), transparent, rgba(var(--high),.75)" : "transparent, rgba(var(--plain),.7)";
    scale.replaceChildren(number(low), make("i", { style: `background:linear-gradient(90deg, ${gradient})` }), number(high), " " + label);
  };
  const choice = make("select", { "aria-label": "Colour tokens by", onchange: event => { tokenFigure = event.target.value; paint(); } },
    Object.entries(tokenFigures).map(([key, entry]) => make("option", { value: key, selected: key === tokenFigure }, entry.label)));
  body.append(...spans);
  paint();
  return make("div", {}, make("div", { class: "bar" }, make("h3", {}, "Sampled tokens"), make("label", {}, "coloured by", choice), scale), body, facts);
}

function factsOf(item) {
  const fact = (name, value) => make("span", {}, name + " ", make("b", {}, value));
  return make("div", { class: "facts" }, badge(item), fact("step", item.step),
    fact(item.grade === "correct" || item.grade === "wrong" ? "answered" : "because", item.extracted || "–"), fact("right is", item.target),
    item.reward === undefined ? null : fact("reward", number(item.reward)),
    ...Object.entries(item.parts || {}).map(([name, score]) => fact(name, number(score))), item.tokens === undefined ? null : fact("tokens", item.tokens),
    item.stop === "end-of-text" ? null : fact("ended by", item.stop));
}

function detail(rollout, needle) {
  return make("td", { class: "detail", colspan: 8 },
    make("p", { class: "question" }, ...marked(rollout.question, needle)),
    factsOf(rollout),
    make("pre", {}, ...marked(rollout.text, needle)),
    rollout.trace ? tokenView(rollout.trace) : null);
}

const pageSize = 40;
const columns = [
  { title: "step", key: r => r.step, cell: r => r.step, numeric: true },
  { title: "grade", key: wordsOf, cell: r => badge(r) },
  { title: "answer", key: r => r.extracted, cell: r => r.extracted, cls: "answer" },
  { title: "right", key: r => r.target, cell: r => r.target, cls: "answer wide" },
  { title: "reward", key: r => r.reward ?? -1, cell: r => number(r.reward), numeric: true },
  { title: "tokens", key: r => r.tokens, cell: r => r.tokens, numeric: true, cls: "wide" },
  { title: "question", key: r => r.id, cls: "excerpt" },
];

function drawRollouts() {
  if (!rollouts.length) return;
  const state = { needle: "", off: new Set(), run: -1, traced: false, sort: 0, down: false, page: 0 };
  const body = make("tbody", {});
  const status = make("span", { class: "muted small", role: "status" });
  const back = make("button", { type: "button", onclick: () => { state.page--; show(); } }, "← back");
  const next = make("button", { type: "button", onclick: () => { state.page++; show(); } }, "next →");

  const heads = columns.map((column, index) => make("th", { class: (column.numeric ? "number " : "") + (column.cls || "") },
    make("button", { type: "button", onclick: () => {
      state.down = state.sort === index ? !state.down : false;
      state.sort = index;
      refresh();
    } }, column.title)));

  function row(rollout) {
    const toggle = make("button", { type: "button", class: "open-row", "aria-expanded": "false", "aria-label": "Show completion" }, "▸");
    // What a score is for takes a sentence, an answer that is right or wrong a word.
    const clsOf = column => column.title === "answer" && rollout.grade === "scored" ? "answer why" : column.cls || "";
    const cells = columns.map(column => make("td", { class: (column.numeric ? "number " : "") + clsOf(column) },
      column.cell ? column.cell(rollout) : make("div", { class: "clip" }, toggle, " ",
        runs.length > 1 ? make("i", { class: "swatch", style: `background:var(${runColour(rollout.run)})`, title: runs[rollout.run].label }) : null,
        make("span", { class: "muted small" }, rollout.id + (rollout.trace ? " · tokens coloured" : "") + " "), ...marked(rollout.question, state.needle))));
    const line = make("tr", { class: "row" }, cells);
    let opened = null;
    line.addEventListener("click", () => {
      if (opened) { opened.remove(); opened = null; } else { opened = make("tr", { class: "detail-row" }, detail(rollout, state.needle)); line.after(opened); }
      line.classList.toggle("open", opened !== null);
      toggle.textContent = opened ? "▾" : "▸";
      toggle.setAttribute("aria-expanded", String(opened !== null));
    });
    return line;
  }

  let found = rollouts;
  function refresh() {
    const { key } = columns[state.sort];
    const sign = state.down ? -1 : 1;
    found = rollouts.filter(r => !state.off.has(kindOf(r)) && (state.run < 0 || r.run === state.run) && (!state.traced || r.trace)
      && (!state.needle || r.haystack.includes(state.needle)));
    found.sort((a, b) => {
      const x = key(a);
      const y = key(b);
      return sign * (typeof x === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true }));
    });
    state.page = 0;
    heads.forEach((head, index) => index === state.sort ? head.setAttribute("aria-sort", state.down ? "descending" : "ascending")
      : head.removeAttribute("aria-sort"));
    show();
  }

  function show() {
    const from = state.page * pageSize;
    const page = found.slice(from, from + pageSize);
    body.replaceChildren(...page.map(row));
    if (!page.length) body.append(make("tr", {}, make("td", { class: "empty", colspan: 8 }, "Nothing matches. Loosen the search or switch grades on.")));
    status.textContent = page.length ? `${from + 1}–${from + page.length} of ${found.length}` : "none";
    back.disabled = state.page === 0;
    next.disabled = from + pageSize >= found.length;
  }

  const present = Object.keys(glyphs).filter(grade => rollouts.some(r => kindOf(r) === grade));
  const chips = present.map(grade => make("button", { class: "chip " + grade, type: "button", "aria-pressed": "true", onclick: event => {
    state.off.has(grade) ? state.off.delete(grade) : state.off.add(grade);
    event.currentTarget.setAttribute("aria-pressed", String(!state.off.has(grade)));
    refresh();
  } }, glyphs[grade] + " " + grades[grade]));
  const total = runs.reduce((sum, run) => sum + run.rolloutTotal, 0);
  const controls = make("div", { class: "bar" },
    make("input", { type: "search", class: "grow", placeholder: "Search questions, completions, answers", "aria-label": "Search rollouts",
      oninput: event => { state.needle = event.target.value.toLowerCase(); refresh(); } }),
    ...chips,
    runs.length < 2 ? null : make("select", { "aria-label": "Run", onchange: event => { state.run = Number(event.target.value); refresh(); } },
      make("option", { value: -1 }, "all runs"), runs.map((run, index) => make("option", { value: index }, run.label))),
    rollouts.some(r => r.trace) ? make("label", {}, make("input", { type: "checkbox", style: "min-height:0",
      onchange: event => { state.traced = event.target.checked; refresh(); } }), "with token figures") : "");
  section("rollouts", make("h2", {}, "Rollouts"),
    make("p", { class: "muted small" }, rollouts.length < total
      ? `${rollouts.length} of ${total} sampled completions: first, last and evenly spread steps, and some questions through all their steps. `
        + "The rest is in rollouts.sqlite (reft rollouts)."
      : `All ${total} sampled completions.`), controls,
    make("div", { class: "scroll" }, make("table", { id: "rows" }, make("thead", {}, make("tr", {}, heads)), body)),
    make("div", { class: "bar pager" }, back, status, next));
  refresh();
}

/* The same question, step after step. */
function drawQuestions() {
  const series = [];
  runs.forEach((run, index) => {
    const prefix = runs.length > 1 ? run.label + " · " : "";
    run.answers.forEach(answer => series.push({ group: prefix + "validation, greedy", id: answer.id, text: answer.text,
      given: answer.given.map(given => ({ ...given, target: answer.target })) }));
    const byQuestion = new Map(run.questions.map(question => [question.id, []]));
    rollouts.filter(r => r.run === index).forEach(r => byQuestion.get(r.id).push(r));
    [...byQuestion].filter(([, given]) => new Set(given.map(r => r.step)).size > 2)
      .map(([id, given]) => ({ group: prefix + "training, sampled", id, text: given[0].question, given }))
      .sort((a, b) => b.given.length - a.given.length).slice(0, 24).forEach(question => series.push(question));
  });
  const choices = series.filter(question => question.given.length > 1);
  if (!choices.length) return;
  const view = make("div", {});
  const panel = (title, item) => make("div", {}, make("h3", {}, title), factsOf(item), make("pre", {}, item.text), item.trace ? tokenView(item.trace) : null);
  function show(question) {
    const compare = make("div", { class: "compare" });
    const buttons = question.given.map((item, index) => make("button", { type: "button", class: kindOf(item), title: wordsOf(item),
      onclick: () => pick(index) }, make("span", {}, glyphs[kindOf(item)] || "?"), item.step));
    function pick(index) {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
      const first = question.given[0];
      const chosen = question.given[index];
      compare.replaceChildren(panel("First, at step " + first.step, first), panel((index === question.given.length - 1 ? "Last" : "Then")
        + ", at step " + chosen.step, chosen));
    }
    view.replaceChildren(make("p", { class: "question" }, question.text), make("div", { class: "strip" }, buttons), compare);
    pick(question.given.length - 1);
  }
  const groups = [...new Set(choices.map(question => question.group))];
  const select = make("select", { "aria-label": "Question", style: "max-width:100%", onchange: event => show(choices[Number(event.target.value)]) },
    groups.map(group => make("optgroup", { label: group }, choices.map((question, index) => question.group !== group ? null
      : make("option", { value: index }, question.id + ": " + question.text.replace(/\s+/g, " ").slice(0, 70))))));
  section("questions", make("h2", {}, "The same question over the steps"),
    make("p", { class: "muted small" }, "Each box is one answer, by step; choose one to set it against the first. Questions whose answers changed most come first."),
    make("div", { class: "bar" }, select), view);
  show(choices[0]);
}

for (const draw of [drawSummary, initTheme, drawResults, drawOutcome, drawCharts, drawRollouts, drawQuestions, drawSetup]) {
  try {
    draw();
  } catch (error) {
    failed(draw.name + ": " + error.message);
    console.error(error);
  }
}
document.documentElement.dataset.drawn = "true";
