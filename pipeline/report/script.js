"use strict";
(() => {
  // A cell as something to sort by: a number where the text begins with one.
  const size = { k: 1e3, M: 1e6, bn: 1e9, T: 1e12 };
  const value = (cell) => {
    const text = cell ? cell.textContent.trim() : "";
    const found = /^([+\-−]?[\d,]*\.?\d+(?:e[+\-]?\d+)?)\s*(k|M|bn|T)?(?![\w])/.exec(text);
    if (!found) return text === "–" || text === "" ? null : text.toLowerCase();
    return Number(found[1].replace(/,/g, "").replace("−", "-")) * (size[found[2]] || 1);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1; // what has no value stands last
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  };

  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      if (!button.textContent) return;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending" ||
          (!head.hasAttribute("aria-sort") && head.classList.contains("n"));
        for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].map((row) => [value(row.cells[column]), row]);
        rows.sort(([a], [b]) => (down && a !== null && b !== null ? compare(b, a) : compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });

    const tool = table.parentNode.previousElementSibling;
    if (!tool || !tool.classList.contains("tool")) continue;
    tool.hidden = false;
    const search = tool.querySelector("input");
    if (search) search.addEventListener("input", () => {
      const wanted = search.value.toLowerCase();
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    const copy = tool.querySelector("button");
    copy.addEventListener("click", async () => {
      const lines = [...table.rows].filter((row) => !row.hidden)
        .map((row) => [...row.cells].map((cell) => cell.textContent.trim().replace(/\s+/g, " ")).join("\t"));
      const text = lines.join("\n") + "\n";
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea"); // pages that are files have no clipboard in some browsers
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      const before = copy.textContent;
      copy.textContent = document.body.dataset.copied;
      setTimeout(() => { copy.textContent = before; }, 1500);
    });
  }

  // What a pointer or a finger rests on is shown at once; a browser's own hint comes late, and never on a phone.
  const tip = document.getElementById("tip");
  const show = (event) => {
    const target = event.target;
    const title = target.closest && target.closest("svg *") && target.querySelector("title");
    if (title) {
      target.dataset.tip = title.textContent;
      title.remove(); // so that the browser does not add its own
    }
    if (!target.dataset || !target.dataset.tip) { tip.hidden = true; return; }
    tip.textContent = target.dataset.tip;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 4)) + "px";
    tip.style.top = Math.max(4, event.clientY - box.height - 10) + "px";
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);

  // The contents are folded on a small screen, and show where a reader is on a large one.
  const menu = document.querySelector("nav details");
  if (innerWidth <= 1020) menu.open = false;
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(entry.target.id);
      if (link) link.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -70% 0px" });
  for (const id of links.keys()) {
    const place = document.getElementById(id);
    if (place) seen.observe(place);
  }
  // On paper nothing is folded.
  addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("main details")) d.open = true; });
})();
