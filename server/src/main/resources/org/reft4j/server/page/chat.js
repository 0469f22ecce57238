/* Chat: the same prompt to two models, each answer graded as it ends. */
(() => {
  const { byId, make, call, number, told, json, fill, run, faults } = window.reft;
  const chat = byId("chat-form");
  const stop = byId("stop");
  // Not elements.item, which is a method of every list.
  const item = chat.querySelector("[name=item]");
  const state = chat.querySelector("output");
  let aborter = null;
  fill().then(({ models = [] }) => {
    const pick = (select, wanted) => { if (wanted && models.some(model => model.id === wanted)) select.value = wanted; else if (wanted) state.textContent = `There is no model ${wanted} any more.`; };
    pick(chat.elements.first, chat.dataset.wanted);
    if (models.length > 1) chat.elements.second.selectedIndex = 1;
    pick(chat.elements.second, chat.dataset.base);
  });
  /* A question of the job's own files: prompt and item need not be typed. */
  const picker = byId("question");
  let rows = [];
  if (picker) call("GET", `/data/${encodeURIComponent(picker.dataset.file)}/rows`).then(found => {
    rows = found.rows.filter(row => row.messages || row.input?.messages);
    const asked = row => (row.messages || row.input.messages).filter(message => message.role === "user").at(-1)?.content;
    rows.forEach((row, i) => picker.append(make("option", { value: String(i) }, String(asked(row)).slice(0, 90))));
    picker.addEventListener("change", () => {
      const row = rows[picker.value];
      if (!row) return;
      const messages = row.messages || row.input.messages;
      chat.elements.prompt.value = asked(row);
      chat.elements.system.value = messages.find(message => ["system", "developer"].includes(message.role))?.content ?? "";
      item.value = JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => name !== "messages" && name !== "input")));
    });
  }).catch(() => { picker.closest("label").hidden = true; });
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
    if (chat.elements.grader.value.trim() && item.value.trim()) {
      const result = await run(json(chat.elements.grader.value, "grader"), text.textContent, json(item.value, "item"));
      fact.textContent += `, reward ${number(result.reward)} ${faults(result.metadata).join(" ")}`;
    }
  }
  chat.addEventListener("submit", async event => {
    event.preventDefault();
    aborter = new AbortController();
    stop.disabled = false;
    state.className = "small";
    state.textContent = "writing …";
    byId("first-answers").scrollIntoView({ block: "nearest" });
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
})();
