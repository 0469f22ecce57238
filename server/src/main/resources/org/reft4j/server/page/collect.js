/* Data rows made of rollouts: kept in this browser until they are downloaded, or stored as a file of the service. */
(() => {
  const { byId, make, send, told } = window.reft;
  const KEY = "reft4j-rows";
  const kinds = { supervised: "supervised rows", dpo: "preference pairs" };
  const all = () => { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; } };
  const rows = kind => all()[kind] || [];
  const keep = (kind, list) => localStorage.setItem(KEY, JSON.stringify({ ...all(), [kind]: list }));
  const lines = kind => rows(kind).map(row => JSON.stringify(row)).join("\n") + "\n";
  const box = byId("collected");

  function show() {
    box.replaceChildren(...Object.entries(kinds).filter(([kind]) => rows(kind).length).map(([kind, words]) => {
      const state = make("output", { class: "small" });
      const button = (text, style, act) => { const made = make("button", { type: "button", class: style }, text); made.addEventListener("click", act); return made; };
      return make("div", { class: "bar" }, make("b", {}, `${rows(kind).length} ${words}`), make("span", { class: "muted small" }, "kept in this browser"),
        button("Download", "quiet", () => {
          const link = make("a", { href: URL.createObjectURL(new Blob([lines(kind)], { type: "application/jsonl" })), download: `${kind}.jsonl` });
          link.click();
          URL.revokeObjectURL(link.href);
        }),
        button("Store as a file", "", async () => {
          try {
            const file = await send(new File([lines(kind)], `${kind}-of-rollouts.jsonl`));
            state.className = "small";
            state.replaceChildren("Stored: ", make("a", { href: "/data/" + file.id }, file.filename));
          } catch (error) { told(state, error); }
        }),
        button("Forget them", "bad", () => { keep(kind, []); show(); }), state);
    }));
  }
  document.querySelectorAll("form[data-collect]").forEach(form => form.addEventListener("submit", event => {
    event.preventDefault();
    const kind = form.dataset.collect, output = form.querySelector("output"), field = name => form.elements[name].value;
    const messages = [{ role: "user", content: form.dataset.question }];
    const said = content => ({ role: "assistant", content });
    output.className = "small";
    try {
      if (kind === "supervised") keep(kind, [...rows(kind), { messages: [...messages, said(field("answer"))] }]);
      else if (field("chosen") === field("rejected")) throw new Error("Choose two different answers.");
      else keep(kind, [...rows(kind), { input: { messages }, preferred_output: [said(field("chosen"))], non_preferred_output: [said(field("rejected"))] }]);
      output.textContent = "Added.";
      show();
    } catch (error) { told(output, error); }
  }));
  show();
})();
