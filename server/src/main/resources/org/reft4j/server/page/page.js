/* What every page can do: light and dark, keys, token figures, buttons of a job. */
(() => {
  const shades = ["system", "light", "dark"];
  const button = document.getElementById("theme");
  const stored = () => { try { return localStorage.getItem("reft4j-shade"); } catch { return null; } };
  let shade = shades.includes(stored()) ? stored() : "system";
  function show() {
    if (shade === "system") delete document.documentElement.dataset.shade;
    else document.documentElement.dataset.shade = shade;
    button.textContent = "theme: " + shade;
    document.dispatchEvent(new Event("shade"));
  }
  button.addEventListener("click", () => {
    shade = shades[(shades.indexOf(shade) + 1) % shades.length];
    try { localStorage.setItem("reft4j-shade", shade); } catch { /* storage is off: it lasts as long as the page */ }
    show();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();

  const rows = () => [...document.querySelectorAll(".rows tbody tr")].map(row => row.querySelector("a.open") || row.querySelector("th a, summary, a")).filter(link => link);
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { search.focus(); event.preventDefault(); }
    } else if (event.key === "n" || event.key === "p") {
      const link = document.querySelector(event.key === "n" ? "a[rel=next]" : "a[rel=prev]");
      if (link) link.click();
    } else if (event.key === "j" || event.key === "k") {
      const links = rows();
      const at = links.findIndex(link => link.closest("tr").contains(document.activeElement));
      const next = links[at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)];
      if (next) next.focus();
    }
  });

  const facts = document.getElementById("token-facts");
  if (facts) {
    const spans = [...document.querySelectorAll(".tokens span")];
    let at = -1;
    const tell = span => {
      spans[at]?.classList.remove("picked");
      at = spans.indexOf(span);
      span.classList.add("picked");
      facts.textContent = JSON.stringify(span.textContent) + ": " + span.title;
    };
    spans.forEach(span => {
      span.addEventListener("mouseenter", () => tell(span));
      span.addEventListener("click", () => tell(span));
    });
    document.querySelector(".tokens").addEventListener("keydown", event => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step && spans[at + step]) { tell(spans[at + step]); event.preventDefault(); }
    });
  }
})();
