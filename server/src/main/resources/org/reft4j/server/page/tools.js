/* What acts: buttons of a job, files, graders. All of it sends what any client of the API would; other scripts use its parts as window.reft. */
(() => {
  const byId = id => document.getElementById(id);
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children);
    return element;
  }
  async function call(method, path, body) {
    const form = body instanceof FormData;
    const reply = await fetch(path, { method, body: body === undefined ? undefined : form ? body : JSON.stringify(body),
      headers: body === undefined || form ? {} : { "Content-Type": "application/json" } });
    const text = await reply.text();
    let value = null;
    try { value = JSON.parse(text); } catch { /* not every failure is JSON */ }
    if (!reply.ok) throw new Error(value?.error?.message || `${reply.status} ${reply.statusText}`);
    return value;
  }
  const number = value => value === null || value === undefined || Number.isNaN(value) ? "–" : String(+Number(value).toFixed(4));
  function told(output, error) {
    output.textContent = error.message;
    output.className = "small fault";
  }
  function json(text, what) {
    try { return JSON.parse(text); } catch (error) { throw new Error(`The ${what} is not JSON: ${error.message}.`); }
  }

  /* A job's buttons. They are replaced as the job moves on, so the page listens for all of them. */
  document.addEventListener("click", async event => {
    const button = event.target.closest("button[data-act]");
    if (!button) return;
    const bar = button.closest("[data-job]");
    const output = bar.querySelector("output");
    if (button.dataset.act === "cancel" && button.dataset.sure !== "true") {
      button.dataset.sure = "true";
      button.textContent = "Cancel for good?";
      return;
    }
    try {
      await call("POST", `/v1/fine_tuning/jobs/${encodeURIComponent(bar.dataset.job)}/${button.dataset.act}`);
      location.reload();
    } catch (error) { told(output, error); }
  });

  /* A job that has nothing to draw yet becomes another page once it has. */
  document.querySelectorAll("[data-reload]").forEach(part => part.addEventListener("sse:changed", () => location.reload()));

  /* Files. */
  document.addEventListener("click", async event => {
    const button = event.target.closest("button[data-delete]");
    if (!button) return;
    if (button.dataset.sure !== "true") { button.dataset.sure = "true"; button.textContent = "Delete for good?"; return; }
    try {
      await call("DELETE", "/v1/files/" + encodeURIComponent(button.dataset.delete));
      button.closest("tr").remove();
    } catch (error) { button.textContent = error.message; }
  });
  /** Sends a file; gives back what the server calls it. */
  async function send(file) {
    const form = new FormData();
    form.append("purpose", "fine-tune");
    form.append("file", file);
    return call("POST", "/v1/files", form);
  }
  document.querySelectorAll("input[type=file]").forEach(input => input.addEventListener("change", async () => {
    const state = input.closest(".upload").querySelector("output");
    if (!input.files.length) return;
    state.className = "small";
    state.textContent = "uploading …";
    try {
      const file = await send(input.files[0]);
      if (input.dataset.into) {
        await fill();
        choose(input.dataset.into, file);
        state.replaceChildren(make("a", { href: "/data/" + file.id }, file.filename), " is there");
      } else location.assign("/data/" + file.id);
    } catch (error) { told(state, error); }
    input.value = "";
  }));
  /** Chooses a file in one of the lists of the form. */
  function choose(name, file) {
    const select = document.querySelector(`select[name="${name}"]`);
    select.value = file.id;
    select.dispatchEvent(new Event("input", { bubbles: true }));
  }
  async function fill() {
    const selects = [...document.querySelectorAll("select[data-list]")];
    const lists = {};
    for (const kind of new Set(selects.map(select => select.dataset.list))) {
      try {
        lists[kind] = (await call("GET", kind === "models" ? "/v1/models" : "/v1/files?purpose=fine-tune")).data;
      } catch (error) { lists[kind] = []; }
    }
    selects.forEach(select => {
      const chosen = select.value;
      const items = lists[select.dataset.list];
      select.replaceChildren(...items.map(item => make("option", { value: item.id }, item.filename ? `${item.filename}, ${new Date(1000 * item.created_at).toLocaleString()}` : item.id)));
      // A file is chosen by a person: the first of a list is as likely to be the wrong one.
      if (select.dataset.list === "files" || !items.length) select.prepend(make("option", { value: "" }, items.length ? "–" : select.dataset.list === "models" ? "no model yet" : "no file yet: upload one"));
      if (items.some(item => item.id === chosen)) select.value = chosen; else select.selectedIndex = 0;
    });
    document.querySelectorAll("[data-without]").forEach(part => { part.hidden = lists[part.dataset.without]?.length !== 0; });
    return lists;
  }

  /* Examples of graders. */
  const examples = {
    "exact answer": { type: "string_check", name: "exact", operation: "eq", input: "{{sample.output_text}}", reference: "{{item.reference_answer}}" },
    "similar text": { type: "text_similarity", name: "similar", evaluation_metric: "rouge_l", input: "{{sample.output_text}}", reference: "{{item.reference_answer}}" },
    "Python": { type: "python", name: "last number", source: "import re\n\ndef grade(sample, item):\n    found = re.findall(r'-?\\d+(?:\\.\\d+)?', sample['output_text'])\n    return 1.0 if found and float(found[-1]) == float(item['reference_answer']) else 0.0\n" },
    "several together": { type: "multi", name: "right and short", graders: {
      right: { type: "string_check", name: "right", operation: "ilike", input: "{{sample.output_text}}", reference: "{{item.reference_answer}}" },
      similar: { type: "text_similarity", name: "similar", evaluation_metric: "fuzzy_match", input: "{{sample.output_text}}", reference: "{{item.reference_answer}}" } },
      calculate_output: "0.8 * right + 0.2 * similar" },
    "a model judges": { type: "score_model", name: "judge", model: "MODEL", range: [0, 1], input: [{ role: "user", content: "Is this right? Answer with a number from 0 to 1.\nQuestion: {{item.question}}\nAnswer: {{sample.output_text}}" }] },
  };
  const pretty = value => JSON.stringify(value, null, 2);
  const example = byId("example");
  const graderText = byId("grader") || document.querySelector("#job-form [name=grader]");
  if (example) {
    Object.keys(examples).forEach(name => example.append(make("option", { value: name }, name)));
    example.addEventListener("change", () => {
      if (!example.value) return;
      graderText.value = pretty(examples[example.value]);
      graderText.dispatchEvent(new Event("input", { bubbles: true }));
    });
    if (!graderText.value.trim()) graderText.value = pretty(examples["exact answer"]);
  }

  const run = (grader, answer, item) => call("POST", "/v1/fine_tuning/alpha/graders/run", { grader, item, model_sample: answer });
  /** The errors that are set, with their details. */
  function faults(metadata) {
    return Object.entries(metadata?.errors || {}).filter(([, value]) => value && value !== false)
      .map(([name, value]) => value === true ? name.replaceAll("_", " ") : `${name.replaceAll("_", " ")}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  /** An SVG of rewards in ten bars. */
  function histogram(rewards) {
    const low = Math.min(0, ...rewards), high = Math.max(1, ...rewards);
    const bins = new Array(10).fill(0);
    rewards.forEach(reward => bins[Math.min(9, Math.floor(10 * (reward - low) / (high - low)))]++);
    const most = Math.max(...bins);
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 100 60");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", bins.map((count, i) => `${count} near ${number(low + (i + 0.5) * (high - low) / 10)}`).join(", "));
    bins.forEach((count, i) => {
      const bar = document.createElementNS(space, "rect");
      const height = count === 0 ? 0 : Math.max(2, 56 * count / most);
      Object.entries({ x: 10 * i, y: 60 - height, width: 9, height }).forEach(([key, value]) => bar.setAttribute(key, value));
      svg.append(bar);
    });
    return make("figure", { class: "histogram" }, make("figcaption", { class: "small muted" }, `Rewards from ${number(low)} to ${number(high)}`), svg);
  }

  /** A cell with the errors of a grading. */
  function fault(result) {
    const text = result.failure || faults(result.metadata).join("\n");
    return make("td", { class: text ? "fault" : "muted" }, text ? make("pre", {}, text) : "none");
  }

  /** Grades rows and shows them; gives back the rewards, in their order. */
  async function gradeAll(grader, rows, place, progress, quiet = false) {
    const results = new Array(rows.length);
    let next = 0, done = 0;
    const worker = async () => {
      while (next < rows.length) {
        const at = next++;
        try { results[at] = await run(grader, rows[at].answer, rows[at].item); } catch (error) { results[at] = { failure: error.message }; }
        progress.textContent = `${++done} of ${rows.length}`;
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    const rewards = results.map(result => result.reward).filter(reward => typeof reward === "number");
    const parts = [...new Set(results.flatMap(result => Object.keys(result.sub_rewards || {})))];
    const table = make("table", { class: "rows" }, make("thead", {}, make("tr", {}, ...["Row", "Reward", ...parts, "Answer", "Errors"].map(name => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...results.map((result, i) => make("tr", {}, make("th", { scope: "row" }, rows[i].name || String(i + 1)), make("td", {}, make("b", {}, number(result.reward))),
        ...parts.map(part => make("td", {}, number(result.sub_rewards?.[part]))), make("td", { class: "answer" }, String(rows[i].answer).slice(0, 200)),
        fault(result)))));
    const mean = rewards.length ? rewards.reduce((a, b) => a + b, 0) / rewards.length : NaN;
    const same = rewards.length > 2 && new Set(rewards).size === 1;
    place.replaceChildren(make("p", {}, `Mean reward ${number(mean)} over ${rewards.length} graded of ${rows.length}.`),
      same && !quiet ? make("p", { class: "notice" }, "All answers get the same reward. A job cannot learn from that: the grader must tell better answers from worse ones.") : "",
      rewards.length ? histogram(rewards) : "", make("div", { class: "scroll" }, table));
    return results.map(result => result.reward);
  }

  const playground = byId("playground");
  if (playground) {
    const progress = byId("progress");
    const outcome = byId("outcome");
    const answers = byId("answers");
    if (!answers.value.trim()) answers.value = ['{"output": "42", "reference_answer": "42"}', '{"output": "The answer is 42.", "reference_answer": "42"}', '{"output": "43", "reference_answer": "42"}', '{"output": "", "reference_answer": "42"}'].join("\n");
    byId("check").addEventListener("click", async () => {
      try {
        await call("POST", "/v1/fine_tuning/alpha/graders/validate", { grader: json(graderText.value, "grader") });
        outcome.replaceChildren(make("p", { class: "good" }, "✓ The description is sound."));
      } catch (error) { outcome.replaceChildren(make("p", { class: "notice" }, error.message)); }
    });
    byId("grade").addEventListener("click", async () => {
      progress.className = "small";
      try {
        const grader = json(graderText.value, "grader");
        const rows = answers.value.split("\n").filter(line => line.trim()).map((line, i) => {
          const item = json(line, `answer in row ${i + 1}`);
          return { answer: item.output ?? "", item };
        });
        if (rows.length > 200) throw new Error("Up to 200 answers at once; reft grade takes whole files.");
        await gradeAll(grader, rows, outcome, progress);
      } catch (error) { told(progress, error); }
    });
    byId("take")?.addEventListener("click", async () => {
      try {
        const reply = await fetch(`/jobs/${encodeURIComponent(byId("from-job").value)}/rollouts/export/jsonl?order=NEWEST&first=20`);
        const lines = (await reply.text()).trim().split("\n").map(line => JSON.parse(line));
        answers.value = lines.map(line => JSON.stringify({ output: line.completion, question: line.question, answer: line.target, reference_answer: line.target })).join("\n");
      } catch (error) { told(progress, error); }
    });
  }

  window.reft = { byId, make, call, number, told, json, send, choose, fill, pretty, run, faults, gradeAll, examples };
})();
