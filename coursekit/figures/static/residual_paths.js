const choose = (n, k) => {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
};
// A number in three significant digits, with powers of ten where it is very large or small.
const short = (value) => {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const written = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(3)));
  return written.replaceAll("-", "−");
};
// 0⁰ is 1 here, as it should be: no factor at all.
const groups = ({ depth, slope, skip, removed }) => {
  const left = depth - removed.size;
  return Array.from({ length: left + 1 }, (_, k) => {
    const each = slope ** k * skip ** (depth - k);
    return { k, count: choose(left, k), each, together: choose(left, k) * each };
  });
};

const build = (root) => {
  const start = JSON.parse(root.dataset.settings);
  const begin = () => ({ ...start, removed: new Set(start.removed) });
  let state = begin();
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const box = (name, label, least, most, step, whole) => {
    const input = html(html(controls, "label", { textContent: `${label} ` }), "input", { type: "number", step });
    input.min = least;
    input.max = most;
    input.addEventListener("input", () => {
      const value = input.valueAsNumber;
      const fits = value >= least && value <= most && (!whole || Number.isInteger(value));
      input.setAttribute("aria-invalid", String(!fits));
      if (!fits) {
        words.textContent = `Not possible: ${label} must be a ${whole ? "whole " : ""}number from ` +
          `${text(least)} to ${text(most)}.`;
        return;
      }
      state[name] = value;
      if (name === "depth") state.removed = new Set([...state.removed].filter((i) => i < value));
      show(input);
    });
    input.addEventListener("change", () => show());
    return [name, input];
  };
  const boxes = [
    box("depth", "blocks n", 1, start.deepest, 1, true),
    box("slope", "slope f of each F", -start.largest, start.largest, 0.1, false),
    box("skip", "λ of each shortcut", -start.largest, start.largest, 0.1, false),
  ];
  const plain = html(controls, "button", { type: "button", textContent: "plain: λ = 0" });
  plain.addEventListener("click", () => { state.skip = 0; show(); });
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = begin(); show(); });

  const chain = html(root, "div", { className: "chain" }, { role: "group", "aria-label": "blocks; press one to take its F away" });
  const words = html(root, "p", { className: "words" }, { role: "status" });
  const table = html(root, "table");
  html(table, "caption", { textContent: "Paths by the number of F's on them" });
  const head = html(html(table, "thead"), "tr");
  for (const name of ["F's", "paths", "gradient of one", "together", "share of the largest group"]) {
    html(head, "th", { textContent: name }, { scope: "col" });
  }
  const body = html(table, "tbody");
  html(root, "p", { className: "legend", textContent:
    "Press a block, with the mouse or with Tab and Space, to take its F away; press it again to put it back." });

  const toggle = (i) => {
    if (!state.removed.delete(i)) state.removed.add(i);
    show();
  };
  // Blocks stay the same elements while their number does, so that the one in focus keeps it.
  const drawChain = () => {
    while (chain.childElementCount > state.depth) chain.lastElementChild.remove();
    while (chain.childElementCount < state.depth) {
      const i = chain.childElementCount;
      const block = html(chain, "div", { className: "block" });
      html(block, "span", { className: "arc" });
      const button = html(block, "button", { type: "button", className: "f" });
      button.addEventListener("click", () => toggle(i));
    }
    [...chain.children].forEach((block, i) => {
      const gone = state.removed.has(i), [arc, button] = block.children;
      arc.textContent = state.skip === 0 ? "" : `λ = ${text(state.skip)}`;
      block.classList.toggle("plain", state.skip === 0);
      button.textContent = gone ? "—" : "F";
      button.setAttribute("aria-pressed", String(gone));
      button.setAttribute("aria-label", gone ? `block ${i + 1}: F is taken away` : `block ${i + 1}: F`);
    });
  };
  const say = (found) => {
    const { depth, slope, skip, removed } = state, left = depth - removed.size;
    const total = skip ** removed.size * (slope + skip) ** left;
    const open = skip === 0 ? Number(removed.size === 0) : 2 ** left;
    const power = skip < 0 ? `(${short(skip)})` : short(skip);
    const gone = removed.size ? `${power}^${removed.size} · ` : "";
    words.textContent = `∂H/∂x over ${depth} ${depth === 1 ? "block" : "blocks"}: ` +
      `${gone}(${short(slope)} + ${short(skip)})^${left} = ${short(total)}. ` +
      `${open} ${open === 1 ? "path carries" : "paths carry"} it` +
      (skip === 0 && removed.size ? ": a plain network is cut where a block is missing." : ".");
    const most = Math.max(...found.map(({ together }) => Math.abs(together)));
    body.replaceChildren();
    for (const { k, count, each, together } of found) {
      const row = html(body, "tr"), share = most ? Math.abs(together) / most : 0;
      for (const value of [String(k), String(count), short(each), short(together)]) html(row, "td", { textContent: value });
      const bar = html(html(row, "td", { className: "bar" }), "span", { textContent: `${text(100 * share, 0)} %` });
      bar.style.setProperty("--share", `${100 * share}%`);
      bar.classList.toggle("negative", together < 0);
    }
  };
  const show = (typing = null) => {
    boxes.forEach(([name, input]) => {
      if (input !== typing) { input.value = state[name]; input.removeAttribute("aria-invalid"); }
    });
    drawChain();
    say(groups(state));
  };
  show();
};
