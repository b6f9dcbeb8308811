"use strict";
// Long texts are fetched or inflated when they are opened, and put in as text, never as markup. The one exception is a
// page of our own making (an environment, a task), escaped when it was made; the page's policy runs no script of it.
(() => {
  const served = document.documentElement.dataset.served === "1";
  const live = document.documentElement.dataset.live === "1";
  const byId = (id) => document.getElementById(id);
  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // What is looked for: a pattern for all places and one for the first, the references (served: steps) that hold it, and
  // the number of the search.
  let words = null, probe = null, found = null, asked = 0;

  // --- long texts ---------------------------------------------------------------------------------------------------
  const inflated = new Map(); // pack -> promise of its texts; the last few packs are kept
  const KEPT = 12, AT_ONCE = 6;

  const parsed = new Promise((done) => {
    if (document.readyState !== "loading") done();
    else document.addEventListener("DOMContentLoaded", done, { once: true });
  });

  function bytes(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64), raw = new Uint8Array(text.length);
    for (let place = 0; place < text.length; place++) raw[place] = text.charCodeAt(place);
    return raw;
  }

  async function inflate(data) {
    const raw = bytes(data);
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  function pack(number) {
    if (!inflated.has(number)) {
      const texts = parsed.then(() => inflate(byId("pack-" + number).textContent));
      inflated.set(number, texts);
      if (inflated.size > KEPT) inflated.delete(inflated.keys().next().value);
    }
    return inflated.get(number);
  }

  async function read(ref) {
    if (served) {
      const answer = await fetch("?body=" + encodeURIComponent(ref));
      if (!answer.ok) throw new Error("the server has no such text any more; reload the page");
      return answer.text();
    }
    const [number, place] = ref.split(".").map(Number);
    return (await pack(number))[place];
  }

  // --- how a text is shown ------------------------------------------------------------------------------------------
  const SHORT = 110, ROWS = 300;
  const scalar = (value) => value === null || typeof value !== "object";
  const flat = (value) => (typeof value === "string" ? value : JSON.stringify(value));

  function opened(text) {
    if (!/^[\[{]/.test(text)) return undefined;
    try { return JSON.parse(text); } catch { return undefined; }
  }

  function alike(list) {
    return list.length > 1 && list.every((item) => !scalar(item) && !Array.isArray(item) && Object.values(item).every(scalar))
      && new Set(list.flatMap(Object.keys)).size <= 16;
  }

  function table(list) {
    const columns = [...new Set(list.flatMap(Object.keys))];
    const grid = make("div", "grid"), made = make("table", "rowsof"), head = make("tr");
    columns.forEach((name) => head.append(make("th", "", name)));
    made.append(head);
    const fill = (from, to) => list.slice(from, to).forEach((item) => {
      const row = make("tr");
      columns.forEach((name) => {
        const value = item[name] ?? null, cell = make("td", typeof value === "number" ? "num" : value === null ? "null" : "");
        cell.textContent = flat(value);
        cell.title = cell.textContent;
        row.append(cell);
      });
      made.append(row);
    });
    fill(0, ROWS);
    grid.append(made);
    if (list.length > ROWS) {
      const more = make("button", "", `the other ${list.length - ROWS}`);
      more.addEventListener("click", () => { fill(ROWS, list.length); more.remove(); });
      grid.append(more);
    }
    return grid;
  }

  function entries(value, holder, depth) {
    if (Array.isArray(value) && alike(value)) holder.append(table(value));
    else for (const [name, item] of Object.entries(value)) holder.append(entry(Array.isArray(value) ? `[${name}]` : name, item, depth));
  }

  function entry(name, value, depth) {
    const text = flat(value);
    if (scalar(value) ? !(typeof value === "string" && value.includes("\n")) : text.length <= SHORT) {
      const leaf = make("div", "leaf");
      leaf.append(make("span", "key", name), " ", make("span", "value", text));
      return leaf;
    }
    const made = make("details"), summary = make("summary"), inner = make("div", "in");
    const lines = typeof value === "string" ? value.split("\n").length : 0;
    const told = lines ? `${lines} lines` : Array.isArray(value) ? `${value.length} items` : `${Object.keys(value).length} entries`;
    summary.append(make("span", probe?.test(text) ? "key hit" : "key", name), " ", make("span", "quiet", told));
    made.append(summary, inner);
    const fill = () => {
      if (inner.firstChild || !made.open) return;
      if (lines) inner.append(make("pre", "text", value));
      else entries(value, inner, depth + 1);
      highlight();
    };
    made.addEventListener("toggle", fill);
    made.open = depth === 0 && (lines > 0 && lines <= 60 || text.length <= 1500);
    if (made.open) fill();
    return made;
  }

  function json(value) {
    const made = make("div", "json");
    if (scalar(value) || !Object.keys(value).length) made.append(make("pre", "", flat(value)));
    else entries(value, made, 0);
    return made;
  }

  function diff(text) {
    const made = make("pre", "diff");
    for (const line of text.split("\n")) {
      made.append(make("span", { "+": "plus", "-": "minus", "@": "hunk" }[line[0]] || "", line));
    }
    return made;
  }

  const shownTexts = new WeakMap(); // body -> its text, and whether it is shown as it is
  function view(body, text, raw) {
    shownTexts.set(body, [text, raw]);
    const value = raw || body.dataset.kind === "diff" || body.dataset.kind === "code" ? undefined : opened(text);
    const tools = make("div", "tools");
    if (opened(text) !== undefined) {
      const other = make("button", "", raw ? "opened up" : "as it is");
      other.addEventListener("click", () => view(body, text, !raw));
      tools.append(other);
    }
    if (navigator.clipboard) {
      const copy = make("button", "", "copy");
      copy.addEventListener("click", () => navigator.clipboard.writeText(text).then(() => { copy.textContent = "copied"; }));
      tools.append(copy);
    }
    const shown = body.dataset.kind === "diff" ? diff(text) : value === undefined ? make("pre", "", text) : json(value);
    body.replaceChildren(tools, shown);
    highlight();
  }

  async function load(body) {
    if (body.dataset.state) return;
    body.dataset.state = "loading";
    body.textContent = "…";
    try {
      view(body, await read(body.dataset.ref), false);
      body.dataset.state = "shown";
    } catch (error) {
      body.textContent = String(error.message || error);
      delete body.dataset.state;
    }
  }

  const visible = (element) => element.closest("details:not([open])") === null;
  const size = (n) => (n < 1000 ? `${n} chars` : n < 1e6 ? `${Math.round(n / 1000)} k chars` : `${(n / 1e6).toFixed(1)} M chars`);

  // What was said in a step stands in one attribute until the step is opened: a line each of reference, whether it is
  // open at first, length and speaker.
  const saidIn = (lazy) => lazy.dataset.said.split("\n").map((line) => line.match(/^(\S+) (\d) (\d+) ([^]*)$/).slice(1));

  function said([ref, open, length, name]) {
    const made = make("details", `said ${name.replaceAll(" ", "-")}`), summary = make("summary"), body = make("div", "body");
    summary.append(make("span", "who", name), " ", make("span", "quiet", size(Number(length))));
    body.dataset.ref = ref;
    body.dataset.kind = "text";
    made.append(summary, body);
    made.open = open === "1";
    made.classList.toggle("has", found instanceof Set && found.has(ref));
    return made;
  }

  function expand(root) {
    root.querySelectorAll(".lazy").forEach((lazy) => { if (visible(lazy)) lazy.replaceWith(...saidIn(lazy).map(said)); });
  }

  function loadVisible(root) {
    expand(root);
    root.querySelectorAll(".body").forEach((body) => { if (visible(body)) load(body); });
  }
  document.addEventListener("toggle", (event) => { if (event.target.open) loadVisible(event.target); }, true);

  // --- filters ------------------------------------------------------------------------------------------------------

  function highlight() {
    if (!("highlights" in CSS)) return;
    CSS.highlights.delete("found");
    if (!words) return;
    const ranges = [];
    for (const shown of document.querySelectorAll(".body[data-state]")) {
      const walker = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && ranges.length < 5000; node = walker.nextNode()) {
        for (const match of node.data.matchAll(words)) {
          const range = new Range();
          range.setStart(node, match.index);
          range.setEnd(node, match.index + match[0].length);
          ranges.push(range);
          if (ranges.length >= 5000) break;
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  async function search(text) {
    const mine = ++asked, said = byId("counted");
    if (!text) { words = probe = found = null; return true; }
    const escaped = JSON.stringify(text).slice(1, -1);
    words = new RegExp(escaped === text ? literal(text) : `${literal(text)}|${literal(escaped)}`, "gi");
    probe = new RegExp(words.source, "i");
    if (served) {
      const answer = await fetch("?find=" + encodeURIComponent(text));
      const spans = await answer.json();
      if (mine !== asked) return false;
      found = new Set(spans);
      return true;
    }
    await parsed;
    const packs = document.querySelectorAll('script[id^="pack-"]'), refs = new Set();
    for (let first = 0; first < packs.length; first += AT_ONCE) {
      const some = [...packs].slice(first, first + AT_ONCE);
      const texts = await Promise.all(some.map((one, n) => inflated.get(first + n) || inflate(one.textContent)));
      if (mine !== asked) return false;
      texts.forEach((list, n) => list.forEach((one, place) => { if (probe.test(one)) refs.add(`${first + n}.${place}`); }));
      said.textContent = `searching… ${Math.round((100 * first) / packs.length)} %`;
    }
    found = refs;
    return true;
  }

  const holds = (row) => found === null || (served
    ? found.has(row.id.slice(2)) || [...row.querySelectorAll(".row")].some((inner) => found.has(inner.id.slice(2)))
    : [...row.querySelectorAll(".body")].some((body) => found.has(body.dataset.ref))
      || [...row.querySelectorAll(".lazy")].some((lazy) => saidIn(lazy).some(([ref]) => found.has(ref))))
    || probe.test(row.querySelector("summary").textContent);

  function choose() {
    const failed = byId("failed").checked, role = byId("role").value, name = byId("chapter").value;
    const narrowed = failed || role || name || found !== null;
    let shown = 0, all = 0;
    for (const chapter of document.querySelectorAll("main .chapter")) {
      let any = false;
      for (const row of chapter.querySelectorAll(":scope > .rows > .row")) {
        const wanted = (!failed || row.classList.contains("failed")) && (!role || row.dataset.role === role)
          && (!name || chapter.dataset.name === name) && holds(row);
        row.classList.toggle("hidden", !wanted);
        for (const call of row.querySelectorAll(".row")) {
          call.classList.toggle("hidden", wanted && ((failed && row.querySelector(".row.failed") && !call.classList.contains("failed"))
            || (found !== null && !holds(call))));
        }
        for (const said of row.querySelectorAll(".said")) {
          said.classList.toggle("has", !served && found !== null && found.has(said.querySelector(".body")?.dataset.ref));
        }
        any ||= wanted;
        shown += wanted;
        all += 1;
      }
      chapter.classList.toggle("hidden", narrowed && !any);
    }
    byId("counted").textContent = narrowed ? `${shown} of ${all} steps` : `${all} steps`;
    highlight();
  }

  function everyRow(open) {
    document.querySelectorAll("main .chapter:not(.hidden) > .rows > .row:not(.hidden)").forEach((row) => { row.open = open; });
  }

  function renew() { // marks what holds the words in texts that are open
    document.querySelectorAll(".body[data-state=shown]").forEach((body) => { if (body.dataset.kind !== "diff") view(body, ...shownTexts.get(body)); });
  }

  let typing = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "words") return;
    clearTimeout(typing);
    typing = setTimeout(async () => { if (await search(event.target.value.trim())) { choose(); renew(); } }, 250);
  });
  document.addEventListener("change", (event) => { if (["failed", "role", "chapter"].includes(event.target.id)) choose(); });

  // --- getting about ------------------------------------------------------------------------------------------------
  function goTo(row) {
    if (!row) return;
    row.classList.remove("hidden");
    row.closest(".chapter")?.classList.remove("hidden");
    for (let place = row; place; place = place.parentElement?.closest("details")) place.open = true;
    row.scrollIntoView({ block: "start" });
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), 1500);
  }

  async function showPage(ref) {
    const text = await read(ref);
    const page = new DOMParser().parseFromString(text, "text/html");
    byId("inner").replaceChildren(...page.body.childNodes);
    byId("shade").hidden = false;
    byId("shade").scrollTop = 0;
    loadVisible(byId("inner"));
  }

  let views = []; // the pages within this one that lead to the one on top
  function route() {
    const place = decodeURIComponent(location.hash.slice(1));
    if (!served && /^view-\d+\.\d+$/.test(place)) {
      if (views.at(-2) === place) views.pop();
      else if (views.at(-1) !== place) views.push(place);
      showPage(place.slice(5));
    } else closePages();
    if (place.startsWith("s-")) goTo(byId(place));
    else if (place && !place.startsWith("view-")) {
      const target = byId(place);
      if (target?.tagName === "DETAILS") target.open = true;
    }
  }
  window.addEventListener("hashchange", route);

  function closePages() {
    byId("shade").hidden = true;
    views = [];
  }

  function near(node) {
    const graph = node.closest("svg"), name = node.dataset.tool, again = node.classList.contains("picked");
    graph.querySelectorAll(".near, .picked").forEach((one) => one.classList.remove("near", "picked"));
    graph.classList.toggle("chosen", !again);
    if (again) return;
    node.classList.add("near", "picked");
    for (const edge of graph.querySelectorAll(".edge")) {
      if (edge.dataset.from !== name && edge.dataset.to !== name) continue;
      edge.classList.add("near");
      const other = edge.dataset.from === name ? edge.dataset.to : edge.dataset.from;
      graph.querySelector(`.node[data-tool="${CSS.escape(other)}"]`)?.classList.add("near");
    }
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.id === "unfold" || target.id === "fold") everyRow(target.id === "unfold");
    else if (target.id === "back" || target.id === "shade") {
      if (target.id === "back" && views.length > 1) history.back();
      else {
        closePages();
        if (location.hash.startsWith("#view-")) history.replaceState(null, "", location.pathname + location.search);
      }
    } else if (target.closest(".bar")) goTo(byId("s-" + target.closest(".bar").dataset.step));
    else if (target.closest(".graph .node")) near(target.closest(".node"));
    else {
      const link = target.closest('a[href^="#"]');
      if (link && link.getAttribute("href") === location.hash) route(); // the same place again
    }
  });

  // --- a run that goes on -------------------------------------------------------------------------------------------
  let version = null;
  async function refresh() {
    try {
      const now = await (await fetch("?version")).text();
      if (version !== null && now !== version) await replace();
      version = now;
      if (now.startsWith("ended")) return;
    } catch { /* the server is gone for the moment; the page stays as it is */ }
    setTimeout(refresh, 2000);
  }

  async function replace() {
    const page = new DOMParser().parseFromString(await (await fetch("?")).text(), "text/html");
    const chosen = ["words", "role", "chapter"].map((id) => [id, byId(id)?.value]), failed = byId("failed")?.checked;
    const open = [...document.querySelectorAll("main details[open]")].map(key);
    const kept = new Map([...document.querySelectorAll("main .body[data-state=shown]")].map((body) => [body.dataset.ref, body]));
    document.querySelector("main").replaceWith(page.querySelector("main"));
    chosen.forEach(([id, value]) => { if (byId(id) && value) byId(id).value = value; });
    if (byId("failed")) byId("failed").checked = failed;
    const wanted = new Set(open);
    const reopen = () => document.querySelectorAll("main details").forEach((each) => { each.open = wanted.has(key(each)); });
    reopen();
    expand(document);
    reopen();
    document.querySelectorAll("main .body").forEach((body) => { if (kept.has(body.dataset.ref)) body.replaceWith(kept.get(body.dataset.ref)); });
    if (byId("filters")) choose();
  }
  const key = (details) => details.id || `${details.parentElement.closest("details[id]")?.id}/${details.querySelector(".body")?.dataset.ref}/${details.className}`;

  if (byId("filters")) choose();
  loadVisible(document);
  route();
  if (live) refresh();
})();
