const signed = (value) => (value < 0 ? `(${text(value)})` : text(value));

const build = (root) => {
  const start = JSON.parse(root.dataset.settings);
  const [rows, columns] = [start.image.length, start.image[0].length];
  const x = start.image.flat();
  const begin = () => ({ layer: 0, back: false, at: [0, 0] });
  let state = begin();
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const choice = html(html(controls, "label", { textContent: "layer " }), "select");
  start.layers.forEach(([name], i) => html(choice, "option", { textContent: name, value: i }));
  choice.addEventListener("change", () => { state.layer = Number(choice.value); state.at = [0, 0]; show(); });
  const line = html(controls, "label");
  const back = html(line, "input", { type: "checkbox" });
  line.append(" read columns: the way back");
  back.addEventListener("change", () => { state.back = back.checked; show(); });
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = begin(); show(); });

  const words = html(root, "p", { className: "words" }, { role: "status" });
  const tables = html(root, "div", { className: "tables" });
  const grid = (name, role) => {
    const table = html(tables, "table", { className: name }, role ? { role } : {});
    return { table, caption: html(table, "caption"), body: html(table, "tbody"), cells: [] };
  };
  const input = grid("input"), output = grid("output"), matrix = grid("matrix", "grid");
  html(root, "p", { className: "legend", textContent:
    "Framed and striped: what is multiplied and added. Empty places of the matrix are zeros." });

  // A map's pixels in their order, each with room for a factor.
  const layMap = (map, height, width, values, title) => {
    map.caption.textContent = title;
    map.body.replaceChildren();
    map.cells = [];
    for (let i = 0; i < height; i++) {
      const row = html(map.body, "tr");
      for (let j = 0; j < width; j++) {
        const cell = html(row, "td");
        html(cell, "span", { textContent: text(values[i * width + j]) });
        html(cell, "small");
        map.cells.push(cell);
      }
    }
  };

  let A = [], upstream = [], width = 1;
  const show = () => {
    choice.value = state.layer;
    back.checked = state.back;
    const [, weights, gradient] = start.layers[state.layer];
    [A, upstream, width] = [weights, gradient.flat(), gradient[0].length];
    const forward = A.map((row) => row.reduce((sum, weight, q) => sum + weight * x[q], 0));
    const backward = x.map((_, q) => A.reduce((sum, row, p) => sum + row[q] * upstream[p], 0));
    layMap(input, rows, columns, state.back ? backward : x, state.back ? "gradient of the input" : "input");
    layMap(output, gradient.length, width, state.back ? upstream : forward,
      state.back ? "gradient that arrives" : "output");
    matrix.caption.textContent = `matrix, ${A.length} outputs × ${x.length} pixels`;
    matrix.body.replaceChildren();
    matrix.cells = A.map((weights) => {
      const row = html(matrix.body, "tr");
      return weights.map((weight) =>
        html(row, "td", { textContent: weight === 0 ? "" : text(weight) }, { role: "gridcell" }));
    });
    matrix.body.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
    point(state.at);
  };

  // Mark one row (forward) or one column (back), and everything that it multiplies.
  const point = ([p, q]) => {
    state.at = [p, q];
    root.querySelectorAll(".tap, .here, .line").forEach((cell) => cell.classList.remove("tap", "here", "line"));
    root.querySelectorAll("small").forEach((cell) => { cell.textContent = ""; });
    const weights = state.back ? A.map((row) => row[q]) : A[p];
    const [from, to, values] = state.back ? [output, input, upstream] : [input, output, x];
    const read = weights.map((weight, i) => [weight, i]).filter(([weight]) => weight !== 0);
    read.forEach(([weight, i]) => {
      from.cells[i].classList.add("tap");
      from.cells[i].lastChild.textContent = `×${text(weight)}`;
    });
    to.cells[state.back ? q : p].classList.add("here");
    weights.forEach((weight, i) => {
      matrix.cells[state.back ? i : p][state.back ? q : i].classList.add(weight === 0 ? "line" : "tap");
    });
    const total = text(weights.reduce((sum, weight, i) => sum + weight * values[i], 0));
    const products = read.map(([weight, i]) => `${signed(weight)}·${signed(values[i])}`).join(" + ") || "nothing";
    words.textContent = state.back
      ? `Column ${q}, pixel (${Math.floor(q / columns)}, ${q % columns}), is read by ${read.length} of ` +
        `${A.length} outputs. Its gradient: ${products} = ${total}`
      : `Row ${p}, output (${Math.floor(p / width)}, ${p % width}), reads ${read.length} of ` +
        `${x.length} pixels: ${products} = ${total}`;
    matrix.cells.flat().forEach((cell) => { cell.tabIndex = -1; cell.removeAttribute("aria-label"); });
    const here = matrix.cells[p][q];
    here.classList.add("here");
    here.tabIndex = 0;
    here.setAttribute("aria-label", `weight ${text(A[p][q])} in row ${p}, column ${q}. ${words.textContent}`);
    return here;
  };

  const place = (target) => {
    const cell = target.closest?.("td");
    if (!cell) return null;
    if (matrix.table.contains(cell)) return [cell.parentElement.rowIndex, cell.cellIndex];
    const [p, q] = [output.cells.indexOf(cell), input.cells.indexOf(cell)];
    return p >= 0 ? [p, state.at[1]] : q >= 0 ? [state.at[0], q] : null;
  };
  for (const event of ["pointerover", "pointerdown", "focusin"])
    tables.addEventListener(event, ({ target }) => { const at = place(target); if (at) point(at); });
  matrix.table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -99], End: [0, 99], PageUp: [-99, 0], PageDown: [99, 0] }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
    point([clamp(state.at[0] + step[0], A.length), clamp(state.at[1] + step[1], x.length)]).focus();
  });
  show();
};
