/* The form of a new job: the request that it makes, example files, and a trial of everything without training. */
(() => {
  const { byId, make, call, number, told, json, send, choose, fill, pretty, gradeAll, examples } = window.reft;
  const form = byId("job-form");
  /* What the form has no fields for, of the job that it repeats. */
  let rest = {}, format = {};
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
    names[method].forEach(name => {
        if (!value(name)) return;
        hyper[name] = Number(value(name));
        if (Number.isNaN(hyper[name])) throw new Error(`“${value(name)}” is not a number: ${form.elements[name].closest("label").querySelector("span").textContent}.`);
      });
      if (method === "reinforcement" && value("reasoning_effort")) hyper.reasoning_effort = value("reasoning_effort");
    const details = {};
    if (method === "reinforcement") details.grader = json(value("grader") || "{}", "grader");
    if (Object.keys(hyper).length) details.hyperparameters = hyper;
    if (method === "reinforcement") Object.assign(details, format);
    const body = { model: value("model"), training_file: value("training_file") };
    if (value("validation_file")) body.validation_file = value("validation_file");
    if (value("suffix")) body.suffix = value("suffix");
    if (value("seed")) body.seed = Number(value("seed"));
    body.method = { type: method, [method]: details };
    return Object.assign(body, rest);
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
  function pick(tab) {
    tabs.forEach(each => { each.setAttribute("aria-selected", String(each === tab)); each.tabIndex = each === tab ? 0 : -1; });
    language = tab.id.slice(4);
    byId("request").setAttribute("aria-labelledby", tab.id);
    show();
  }
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => pick(tab));
    tab.addEventListener("keydown", event => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step) { const next = tabs[(i + step + tabs.length) % tabs.length]; pick(next); next.focus(); }
    });
  });
  byId("copy").addEventListener("click", async () => {
    // Browsers lend the clipboard to addresses of https and of this machine only.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(byId("request").textContent);
      byId("copy").textContent = "Copied";
    } else getSelection().selectAllChildren(byId("request"));
  });
  form.addEventListener("input", show);
  const outcome = byId("dry-outcome");
  const say = (style, ...text) => { const line = make("p", { class: style }, ...text); outcome.append(line); return line; };

  /* Example files: small sums, so that everything can be tried before there are data of one's own. */
  function sums(from, count) {
    return Array.from({ length: count }, (_, i) => {
      const a = 2 + (from + i) % 9, b = 3 + 2 * ((from + i) % 7), item = String(a + b);
      const asked = { role: "user", content: `${["Ann", "Ben", "Mia", "Tom"][i % 4]} has ${a} apples and gets ${b} more. How many are there now? Answer with the number alone.` };
      const method = value("method");
      if (method === "supervised") return { messages: [asked, { role: "assistant", content: item }] };
      if (method === "dpo") return { input: { messages: [asked] }, preferred_output: [{ role: "assistant", content: item }], non_preferred_output: [{ role: "assistant", content: `I think it is ${a + b + 1}.` }] };
      return { messages: [asked], reference_answer: item };
    });
  }
  byId("examples").addEventListener("click", async () => {
    const state = byId("examples-state");
    try {
      const method = value("method");
      for (const [name, from, count] of [["training", 0, 48], ["validation", 48, 15]]) {
        const lines = sums(from, count).map(row => JSON.stringify(row)).join("\n") + "\n";
        const file = await send(new File([lines], `example-${method}-${name}.jsonl`));
        await fill();
        choose(name + "_file", file);
      }
      if (method === "reinforcement") form.elements.grader.value = pretty(examples.Python);
      state.className = "small";
      state.textContent = "Both files are chosen, with a grader that fits them.";
      show();
    } catch (error) { told(state, error); }
  });

  /* What can be known without training: files, grader, what the model can do now, memory and time. */
  async function checkFile(id, part) {
    const found = await call("GET", `/data/${encodeURIComponent(id)}/rows`);
    if (found.faults.length) {
      found.faults.slice(0, 5).forEach(fault => say("notice", `${found.name}, line ${fault.line}: ${fault.message}`));
      throw new Error(`Mend the ${part} file and upload it again.`);
    }
    say("good", `✓ ${found.name}: ${found.lines} lines without a fault.`);
    return found;
  }
  const known = item => item.reference_answer ?? item.answer ?? item.target;
  const mean = values => values.reduce((a, b) => a + b, 0) / values.length;
  const paid = values => values.filter(value => typeof value === "number");
  async function checkGrader(grader, found) {
    await call("POST", "/v1/fine_tuning/alpha/graders/validate", { grader });
    say("good", "✓ The grader's description is sound.");
    const rows = found.rows.slice(0, 4);
    const cases = rows.flatMap((item, i) => [{ name: `line ${i + 1}, nothing`, answer: "", item },
      ...(known(item) === undefined ? [] : [{ name: `line ${i + 1}, right`, answer: String(known(item)), item }])]);
    const place = make("div", {}), progress = make("output", { class: "small" });
    const details = make("details", {}, make("summary", {}, "What it pays for no answer, and for the right one where a row has it"), progress, place);
    outcome.append(details);
    const rewards = await gradeAll(grader, cases, place, progress, true);
    const nothing = paid(rewards.filter((_, i) => cases[i].answer === "")), right = paid(rewards.filter((_, i) => cases[i].answer !== ""));
    if (paid(rewards).length < rewards.length) { details.open = true; say("notice", "The grader failed on some of these; the table says why. Answers that it fails on teach nothing."); }
    if (right.length === 0) say("muted", `It pays ${number(mean(nothing))} for nothing. The rows have no reference_answer, answer or target, so try right answers in the playground.`);
    else if (mean(right) > mean(nothing)) say("good", `✓ It pays ${number(mean(right))} for right answers and ${number(mean(nothing))} for nothing.`);
    else { details.open = true; say("notice", `It pays ${number(mean(right))} for right answers and ${number(mean(nothing))} for nothing. The model would learn to say nothing: see that the grader names the field that your rows have.`); }
  }
  /** Some answers of the model as it is: what never succeeds teaches nothing, and neither does what always does. */
  async function askModel(body, found) {
    const line = say("muted", `Asking ${body.model} some of the questions …`);
    const questions = found.rows.slice(0, 3), answers = [];
    for (const [i, item] of questions.entries()) {
      const reply = await call("POST", "/v1/chat/completions", { model: body.model, messages: item.messages, n: 4, temperature: 1, max_tokens: 128, seed: 1 });
      reply.choices.forEach(choice => answers.push({ name: `line ${i + 1}`, answer: choice.message.content ?? "", item, group: i }));
      line.textContent = `Asking ${body.model} some of the questions: ${i + 1} of ${questions.length}`;
    }
    line.remove();
    const place = make("div", {}), progress = make("output", { class: "small" });
    outcome.append(make("details", {}, make("summary", {}, `What ${body.model} answers now: ${questions.length} questions, 4 answers each, up to 128 tokens`), progress, place));
    const rewards = await gradeAll(body.method.reinforcement.grader, answers, place, progress, true);
    if (!paid(rewards).length) return;
    const mixed = questions.filter((_, i) => new Set(rewards.filter((_, at) => answers[at].group === i)).size > 1).length;
    if (mixed) say("good", `✓ Now it gets a mean reward of ${number(mean(paid(rewards)))}, and its answers to ${mixed} of ${questions.length} questions are paid differently: there is something to learn from.`);
    else say("notice", `All its answers to a question are paid the same now (mean reward ${number(mean(paid(rewards)))}). A job learns from differences only: ${mean(paid(rewards)) > 0.9 ? "ask harder questions" : "ask easier ones, pay for a part of the way, or teach it by supervised training first"}. A dozen answers may not show what hundreds will.`);
  }
  const size = bytes => (bytes / 2 ** 30).toFixed(2) + " GiB";
  const time = seconds => seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
  async function plan(body) {
    const line = say("muted", "Working out memory and time on the model itself …");
    const found = await call("POST", "/new/plan", body);
    line.remove();
    if (found.refused) throw new Error("This job would be refused: " + found.refused);
    if (found.unknown) { say("notice", found.unknown); return; }
    const facts = [];
    if (found.time) facts.push(["time", `${time(found.time["seconds-low"])} to ${time(found.time["seconds-high"])} for ${found.batch?.steps ?? found.batch?.["steps-at-most"] ?? "all"} steps`]);
    if (found["memory-bytes"]) facts.push(["memory", `up to ${size(found["memory-bytes"].process)}; this machine has ${size(found["machine-bytes"].memory)}, of which ${size(found["machine-bytes"].free)} are free`]);
    Object.entries(found.lengths || {}).forEach(([name, it]) => facts.push([name, `${it.count}, median ${it.median} tokens, longest ${it.longest} of at most ${it.limit}${it.over ? `; ${it.over} are longer and ${name.startsWith("validation") ? "count as wrong" : "left out"}` : ""}`]));
    Object.entries(found.hyperparameters || {}).forEach(([name, it]) => facts.push([form.elements[name]?.closest("label")?.querySelector("span")?.textContent ?? name.replaceAll("_", " "), String(it)]));
    say("good", "✓ It would be accepted. It would take:");
    outcome.append(make("dl", { class: "facts", id: "plan" }, ...facts.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text)))),
      make("details", {}, make("summary", {}, "How that comes about"), make("ul", {}, ...(found.sentences || []).map(text => make("li", {}, text)))));
    (found.warnings || []).forEach(text => say("notice", text));
  }
  byId("dry-run").addEventListener("click", async event => {
    outcome.replaceChildren();
    event.target.disabled = true;
    try {
      const body = request();
      if (!body.model) throw new Error("Choose a model first.");
      if (!body.training_file) throw new Error("Choose a training file first, or take the example files.");
      const found = await checkFile(body.training_file, "training");
      if (body.validation_file) await checkFile(body.validation_file, "validation");
      else if (body.method.type === "reinforcement") throw new Error("Choose a validation file too: the best checkpoint is chosen by it.");
      if (body.method.type === "reinforcement") {
        await checkGrader(body.method.reinforcement.grader, found);
        // A model that cannot chat may be trained all the same.
        try { await askModel(body, found); } catch (error) { say("notice", "The model could not be asked: " + error.message); }
      }
      await plan(body);
    } catch (error) { say("notice", error.message).setAttribute("role", "alert"); }
    event.target.disabled = false;
  });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    try {
      const job = await call("POST", "/v1/fine_tuning/jobs", request());
      location.assign("/jobs/" + encodeURIComponent(job.id));
    } catch (error) { outcome.replaceChildren(make("p", { class: "notice", role: "alert" }, error.message)); outcome.scrollIntoView({ block: "nearest" }); }
  });
  /* A job like another one: what differs is changed in the form. */
  function repeat() {
    if (!form.dataset.like) return;
    const body = JSON.parse(form.dataset.like), method = body.method?.type ?? "supervised";
    const details = body.method?.[method] ?? {};
    const fields = { ...body, ...body.hyperparameters, ...details.hyperparameters, method, grader: details.grader ? pretty(details.grader) : "" };
    Object.entries(fields).forEach(([name, value]) => {
      const field = form.elements[name];
      if (field && ["string", "number"].includes(typeof value) && value !== "auto") field.value = value;
    });
    rest = { ...(body.reft4j && { reft4j: body.reft4j }), ...(body.metadata && { metadata: body.metadata }) };
    if (details.response_format) format = { response_format: details.response_format };
  }
  show();
  fill().then(() => { repeat(); show(); });
})();
