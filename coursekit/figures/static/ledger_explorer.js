const whole = (value) => value.toLocaleString("en-US");
const share = (value, all) => {
  const percent = all ? (100 * value) / all : 0;
  return percent > 0 && percent < 0.1 ? "less than 0.1 %" : `${text(percent, 1)} %`;
};

const build = (root) => {
  const start = JSON.parse(root.dataset.settings);
  // A layer of the settings: name, output's shape, parameters, multiply-adds, receptive field (null: all of the input).
  const networks = start.networks.map(([name, rows]) => ({ name, rows: rows.map(([layer, shape, params, macs, field]) => ({
    layer, shape, field, parameters: params, "multiply-adds": macs, outputs: shape.reduce((a, b) => a * b, 1),
    "receptive field": field === null ? null : Math.max(...[field].flat()),
  })) }));
  const begin = () => ({ network: 0, quantity: start.quantity, log: false, layer: 0 });
  let state = begin(), lines = [];
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const choose = (label, names, change) => {
    const select = html(html(controls, "label", { textContent: `${label} ` }), "select");
    names.forEach((name) => html(select, "option", { textContent: name, value: name }));
    select.addEventListener("change", () => { change(select.selectedIndex, select.value); show(); });
    return select;
  };
  const network = choose("network", networks.map(({ name }) => name), (i) => { state.network = i; state.layer = 0; });
  const quantity = choose("bars show", start.quantities, (_, name) => { state.quantity = name; });
  const line = html(controls, "label");
  const log = html(line, "input", { type: "checkbox" });
  line.append(" logarithmic");
  log.addEventListener("change", () => { state.log = log.checked; show(); });
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = begin(); show(); });

  const words = html(root, "p", { className: "words" }, { role: "status" });
  const frame = html(root, "div", { className: "frame" });
  const table = html(frame, "table", {}, { role: "grid" });
  const caption = html(table, "caption");
  const head = html(html(table, "thead"), "tr", {}, { role: "row" });
  ["layer", "output", "parameters", "multiply-adds", "sees", ""].forEach((title) =>
    html(head, "th", { textContent: title }, { scope: "col" }));
  const bars = head.lastChild;
  const body = html(table, "tbody");
  html(root, "p", { className: "legend", textContent: "Click a layer, then use the arrow keys, Home and End." });

  const sees = ({ field }) => (field === null ? "all" : [field].flat().map(whole).join("×"));
  const length = (value, most) => {
    if (!value) return 0;
    return state.log ? Math.log1p(value) / Math.log1p(most) : value / most;
  };

  const show = () => {
    const { name, rows } = networks[state.network];
    [network.value, quantity.value, log.checked] = [name, state.quantity, state.log];
    const values = rows.map((row) => row[state.quantity]);
    const most = Math.max(1, ...values.filter((value) => value !== null));
    bars.textContent = `${state.quantity}${state.log ? ", logarithmic" : ""}`;
    caption.textContent = `${name}: ` + ["parameters", "multiply-adds"].map((of) =>
      `${whole(rows.reduce((sum, row) => sum + row[of], 0))} ${of}`).join(", ");
    body.replaceChildren();
    lines = rows.map((row, i) => {
      const entry = html(body, "tr", {}, { role: "row" });
      html(entry, "th", { textContent: row.layer }, { scope: "row" });
      for (const value of [row.shape.join("×"), whole(row.parameters), whole(row["multiply-adds"]), sees(row)])
        html(entry, "td", { textContent: value }, { role: "gridcell" });
      const bar = html(html(entry, "td", { className: "bar" }, { role: "gridcell" }), "span");
      const everything = values[i] === null;
      bar.style.width = `${everything ? 100 : 100 * length(values[i], most)}%`;
      bar.classList.toggle("all", everything);
      return entry;
    });
    point(state.layer);
  };

  const sentence = (row, rows) => {
    const of = (key) => share(row[key], rows.reduce((sum, each) => sum + each[key], 0));
    const uses = row.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const parts = [`${row.layer}: ${row.shape.join("×")} = ${whole(row.outputs)} numbers come out.`];
    parts.push(row.parameters
      ? `${whole(row.parameters)} parameters, ${of("parameters")} of the network's.`
      : "Nothing to learn.");
    if (row["multiply-adds"]) parts.push(`Each weight works ${uses === 1 ? "once" : `${whole(uses)} times`}: ` +
      `${whole(row["multiply-adds"])} multiply-adds, ${of("multiply-adds")}.`);
    parts.push(row.field === null ? "An output sees the whole input." : `An output sees ${sees(row)} pixels across.`);
    return parts.join(" ");
  };

  // Mark one layer; only it can be reached with the Tab key.
  const point = (i) => {
    state.layer = i;
    const { rows } = networks[state.network];
    lines.forEach((entry, k) => {
      entry.tabIndex = k === i ? 0 : -1;
      entry.classList.toggle("here", k === i);
      entry.setAttribute("aria-selected", String(k === i));
    });
    words.textContent = sentence(rows[i], rows);
    return lines[i];
  };
  for (const event of ["pointerdown", "focusin"])
    body.addEventListener(event, ({ target }) => {
      const i = lines.indexOf(target.closest("tr"));
      if (i >= 0) point(i);
    });
  body.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1, Home: -999, End: 999 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const entry = point(Math.max(0, Math.min(lines.length - 1, state.layer + step)));
    entry.focus({ preventScroll: true });
    // Scroll the table's own frame only, not the page.
    const [top, bottom] = [entry.offsetTop - head.offsetHeight, entry.offsetTop + entry.offsetHeight];
    frame.scrollTop = Math.max(bottom - frame.clientHeight, Math.min(frame.scrollTop, top));
  });
  show();
};
