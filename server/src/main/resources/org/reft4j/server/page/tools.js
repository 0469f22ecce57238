/* What acts: buttons of a job, files, the grader playground, the form of a new job, chat. All of it sends what any client of the API would. */
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
  const upload = byId("upload");
  if (upload) upload.addEventListener("change", async () => {
    const state = byId("upload-state");
    if (!upload.files.length) return;
    state.textContent = "uploading …";
    try {
      const form = new FormData();
      form.append("purpose", "fine-tune");
      form.append("file", upload.files[0]);
      const file = await call("POST", "/v1/files", form);
      if (byId("job-form")) {
        await fill();
        const empty = [...document.querySelectorAll('select[data-list="files"]')].find(select => !select.value) || document.querySelector('select[data-list="files"]');
        empty.value = file.id;
        empty.dispatchEvent(new Event("input", { bubbles: true }));
        state.replaceChildren(make("a", { href: "/data/" + file.id }, file.filename), " is there");
      } else location.assign("/data/" + file.id);
    } catch (error) { told(state, error); }
  });
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
      select.replaceChildren(...items.map(item => make("option", { value: item.id }, item.filename ? `${item.filename} (${item.id})` : item.id)));
      if (select.dataset.optional || !items.length) select.prepend(make("option", { value: "" }, items.length ? "none" : select.dataset.list === "models" ? "server.yaml names no model yet" : "no file yet: upload one"));
      if (items.some(item => item.id === chosen)) select.value = chosen; else select.selectedIndex = 0;
    });
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

  /** Grades rows and shows them; gives back the rewards. */
  async function gradeAll(grader, rows, place, progress) {
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
    const table = make("table", { class: "rows" }, make("thead", {}, make("tr", {}, ...["Row", "Reward", ...parts, "Answer", "Faults"].map(name => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...results.map((result, i) => make("tr", {}, make("th", { scope: "row" }, String(i + 1)), make("td", {}, make("b", {}, number(result.reward))),
        ...parts.map(part => make("td", {}, number(result.sub_rewards?.[part]))), make("td", { class: "answer" }, String(rows[i].answer).slice(0, 200)),
        make("td", { class: "fault" }, make("pre", {}, result.failure || faults(result.metadata).join("\n") || "–"))))));
    const mean = rewards.length ? rewards.reduce((a, b) => a + b, 0) / rewards.length : NaN;
    const same = rewards.length > 2 && new Set(rewards).size === 1;
    place.replaceChildren(make("p", {}, `Mean reward ${number(mean)} over ${rewards.length} graded of ${rows.length}.`),
      same ? make("p", { class: "notice" }, "All answers get the same reward. A job cannot learn from that: the grader must tell better answers from worse ones.") : "",
      rewards.length ? histogram(rewards) : "", make("div", { class: "scroll" }, table));
    return rewards;
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

  /* A new job. */
  const form = byId("job-form");
  if (form) {
    const about = {
      reinforcement: ["For tasks where an answer is easier to judge than to write. The model must get some of the questions right already.", "A line of JSON for each question: messages, and beside them what the grader needs."],
      supervised: ["For a form, a tone or knowledge that you can show. Often the first step before reinforcement.", "A line of JSON for each conversation: messages, the last one the assistant's."],
      dpo: ["For taste: two answers to a question, of which one is better.", "A line of JSON for each pair: input, preferred_output, non_preferred_output."],
    };
    const value = name => form.elements[name].value.trim();
    function request() {
      const method = value("method");
      const hyper = {};
      const names = { reinforcement: ["n_epochs", "batch_size", "learning_rate_multiplier", "compute_multiplier", "eval_interval"], supervised: ["n_epochs", "batch_size", "learning_rate_multiplier"], dpo: ["n_epochs", "batch_size", "learning_rate_multiplier", "beta"] };
      names[method].forEach(name => { if (value(name)) hyper[name] = Number(value(name)); });
      const details = {};
      if (method === "reinforcement") details.grader = json(value("grader") || "{}", "grader");
      if (Object.keys(hyper).length) details.hyperparameters = hyper;
      const body = { model: value("model"), training_file: value("training_file") };
      if (value("validation_file")) body.validation_file = value("validation_file");
      if (value("suffix")) body.suffix = value("suffix");
      if (value("seed")) body.seed = Number(value("seed"));
      body.method = { type: method, [method]: details };
      return body;
    }
    const base = location.origin + "/v1";
    const quoted = text => "'" + text.replaceAll("'", "'\\''") + "'";
    function python(value, indent) {
      const pad = " ".repeat(indent);
      if (Array.isArray(value)) return "[" + value.map(each => python(each, indent)).join(", ") + "]";
      if (value && typeof value === "object") return "{\n" + Object.entries(value).map(([key, each]) => `${pad}    ${JSON.stringify(key)}: ${python(each, indent + 4)},\n`).join("") + pad + "}";
      return value === true ? "True" : value === false ? "False" : value === null ? "None" : JSON.stringify(value);
    }
    const languages = {
      curl: body => `curl ${base}/fine_tuning/jobs \\\n  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d ${quoted(pretty(body))}`,
      python: body => `from openai import OpenAI\n\nclient = OpenAI(base_url="${base}")\njob = client.fine_tuning.jobs.create(\n${Object.entries(body).map(([key, each]) => `    ${key}=${python(each, 4)},\n`).join("")})\nprint(job.id)`,
      java: body => `OpenAIClient client = OpenAIOkHttpClient.builder().fromEnv().baseUrl("${base}").build();\nJsonNode body = new ObjectMapper().readTree("""\n${pretty(body).replaceAll("\\", "\\\\").replaceAll('"""', '\\"""').replace(/^/gm, "        ")}\n        """);\nJobCreateParams.Builder params = JobCreateParams.builder()\n        .model(body.path("model").asText())\n        .trainingFile(body.path("training_file").asText());\nbody.properties().forEach(field -> params.putAdditionalBodyProperty(field.getKey(), JsonValue.fromJsonNode(field.getValue())));\nFineTuningJob job = client.fineTuning().jobs().create(params.build());\nSystem.out.println(job.id());`,
    };
    let language = "curl";
    const tabs = [...document.querySelectorAll("[role=tab]")];
    function show() {
      const method = value("method");
      byId("method-about").textContent = about[method][0];
      byId("file-about").textContent = about[method][1];
      form.querySelectorAll("[data-only]").forEach(part => { part.hidden = part.dataset.only !== method; });
      try { byId("request").textContent = languages[language](request()); } catch (error) { byId("request").textContent = error.message; }
    }
    function choose(tab) {
      tabs.forEach(each => { each.setAttribute("aria-selected", String(each === tab)); each.tabIndex = each === tab ? 0 : -1; });
      language = tab.id.slice(4);
      byId("request").setAttribute("aria-labelledby", tab.id);
      show();
    }
    tabs.forEach((tab, i) => {
      tab.addEventListener("click", () => choose(tab));
      tab.addEventListener("keydown", event => {
        const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (step) { const next = tabs[(i + step + tabs.length) % tabs.length]; choose(next); next.focus(); }
      });
    });
    byId("copy").addEventListener("click", async () => {
      await navigator.clipboard.writeText(byId("request").textContent);
      byId("copy").textContent = "Copied";
    });
    form.addEventListener("input", show);
    const outcome = byId("dry-outcome");
    byId("dry-run").addEventListener("click", async () => {
      const say = (style, text) => outcome.append(make("p", { class: style }, text));
      outcome.replaceChildren();
      try {
        const body = request();
        if (!body.training_file) throw new Error("Choose a training file first.");
        const found = await call("GET", `/data/${encodeURIComponent(body.training_file)}/rows`);
        if (found.faults.length) found.faults.slice(0, 5).forEach(fault => say("notice", `${found.name}, line ${fault.line}: ${fault.message}`));
        else say("good", `✓ ${found.name}: the first ${found.lines} lines have no fault.`);
        if (body.method.type === "reinforcement") {
          await call("POST", "/v1/fine_tuning/alpha/graders/validate", { grader: body.method.reinforcement.grader });
          say("good", "✓ The grader's description is sound.");
          const rows = found.rows.slice(0, 5).flatMap(item => {
            const known = item.reference_answer ?? item.answer ?? item.target;
            return [{ answer: "", item }, ...(known === undefined ? [] : [{ answer: String(known), item }])];
          });
          const place = make("div", {});
          const progress = make("output", { class: "small" });
          outcome.append(make("p", {}, "Rewards of an empty answer, and of the right one where a row has it:"), progress, place);
          await gradeAll(body.method.reinforcement.grader, rows, place, progress);
        }
      } catch (error) { say("notice", error.message); }
    });
    form.addEventListener("submit", async event => {
      event.preventDefault();
      try {
        const job = await call("POST", "/v1/fine_tuning/jobs", request());
        location.assign("/jobs/" + encodeURIComponent(job.id));
      } catch (error) { outcome.replaceChildren(make("p", { class: "notice", role: "alert" }, error.message)); }
    });
    show();
    fill().then(show);
  }

  /* Chat. */
  const chat = byId("chat-form");
  if (chat) {
    const stop = byId("stop");
    const state = chat.querySelector("output");
    let aborter = null;
    fill().then(({ models = [] }) => {
      const pick = (select, wanted) => { if (wanted && models.some(model => model.id === wanted)) select.value = wanted; };
      pick(chat.elements.first, chat.dataset.wanted);
      if (models.length > 1) chat.elements.second.selectedIndex = 1;
      pick(chat.elements.second, chat.dataset.base);
    });
    async function answer(model, seed, box) {
      const text = make("pre", { class: "text" });
      const fact = make("p", { class: "small muted" });
      box.append(make("article", {}, text, fact));
      const messages = [{ role: "user", content: chat.elements.prompt.value }];
      if (chat.elements.system.value) messages.unshift({ role: "system", content: chat.elements.system.value });
      const reply = await fetch("/v1/chat/completions", { method: "POST", signal: aborter.signal, headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ model, messages, stream: true, temperature: Number(chat.elements.temperature.value), max_tokens: Number(chat.elements.max.value), seed }) });
      if (!reply.ok) throw new Error((await reply.json()).error?.message || reply.statusText);
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
          const choice = JSON.parse(line.slice(6)).choices?.[0];
          if (choice?.delta?.content) text.append(choice.delta.content);
          if (choice?.finish_reason) fact.textContent = choice.finish_reason === "length" ? "cut off at the limit of tokens" : "ended";
        }
      }
      if (chat.elements.grader.value.trim() && chat.elements.item.value.trim()) {
        const result = await run(json(chat.elements.grader.value, "grader"), text.textContent, json(chat.elements.item.value, "item"));
        fact.textContent += `, reward ${number(result.reward)} ${faults(result.metadata).join(" ")}`;
      }
    }
    chat.addEventListener("submit", async event => {
      event.preventDefault();
      aborter = new AbortController();
      stop.disabled = false;
      state.className = "small";
      state.textContent = "writing …";
      const ask = async (model, box) => {
        box.replaceChildren(make("h2", {}, model));
        for (let i = 0; i < Number(chat.elements.n.value); i++) await answer(model, Number(chat.elements.seed.value) + i, box);
      };
      try {
        await Promise.all([ask(chat.elements.first.value, byId("first-answers")), ask(chat.elements.second.value, byId("second-answers"))]);
        state.textContent = "";
      } catch (error) { if (error.name === "AbortError") state.textContent = "stopped"; else told(state, error); } finally { stop.disabled = true; }
    });
    stop.addEventListener("click", () => aborter?.abort());
  }
})();
