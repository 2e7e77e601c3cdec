// A bright bar on black, as coursekit.figures.cortex_lab.bar draws it.
const bar = (size, { angle, offset, width }) => {
  const turn = (angle * Math.PI) / 180, middle = (size - 1) / 2;
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => {
    const across = (column - middle) * Math.cos(turn) - (row - middle) * Math.sin(turn);
    return Math.min(1, Math.max(0, width / 2 + 0.5 - Math.abs(across - offset)));
  }));
};
const sum = (image, field) =>
  image.reduce((all, row, i) => row.reduce((part, value, j) => part + value * field[i][j], all), 0);

const build = (root) => {
  const start = JSON.parse(root.dataset.settings);
  const size = start.even.length;
  let state = { ...start };
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const slider = (name, label, most, step) => {
    const box = html(html(controls, "label", { textContent: `${label} ` }), "input", { type: "range" });
    Object.assign(box, { min: -most, max: most, step });
    box.addEventListener("input", () => { state[name] = box.valueAsNumber; show(); });
    return [name, box];
  };
  const sliders = [slider("angle", "turn", 90, 5), slider("offset", "move", Math.floor(size / 2), 0.5)];
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = { ...start }; show(); });

  const words = html(root, "p", { className: "words" }, { role: "status" });
  const row = html(root, "div", { className: "pictures" });
  const most = Math.max(...[start.even, start.odd].flat(2).map(Math.abs));
  const picture = (title, grey) => {
    const figure = html(row, "figure");
    const box = svg(figure, "svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": title });
    const cells = Array.from({ length: size * size }, (_, i) =>
      svg(box, "rect", { x: i % size, y: Math.floor(i / size), width: 1.02, height: 1.02 }));
    html(figure, "figcaption", { textContent: title });
    return (values) => values.flat().forEach((value, i) => {
      const level = Math.round(255 * grey(value));
      cells[i].setAttribute("fill", `rgb(${level},${level},${level})`);
    });
  };
  const seen = picture("what the cells see", (value) => value);
  picture("even field", (value) => 0.5 + value / (2 * most))(start.even);
  picture("odd field", (value) => 0.5 + value / (2 * most))(start.odd);

  const table = html(root, "table");
  const body = html(table, "tbody");
  const strongest = Math.max(...[start.even, start.odd].map((field) => field.flat().reduce((a, b) => a + Math.max(0, b), 0)));
  const line = (name) => {
    const tr = html(body, "tr");
    html(tr, "th", { textContent: name, scope: "row" });
    const number = html(tr, "td", { className: "number" });
    const level = html(html(tr, "td", { className: "bars" }), "span", { className: "level" });
    return (value) => {
      number.textContent = text(value, 2);
      level.style.width = `${Math.min(100, (100 * value) / strongest)}%`;
    };
  };
  const lines = ["simple cell, even", "simple cell, odd", "complex cell"].map(line);
  const show = () => {
    sliders.forEach(([name, box]) => { box.value = state[name]; });
    const image = bar(size, state);
    seen(image);
    const even = sum(image, start.even), odd = sum(image, start.odd);
    const found = [Math.max(0, even), Math.max(0, odd), Math.hypot(even, odd)];
    lines.forEach((draw, i) => draw(found[i]));
    words.textContent = `Bar turned by ${text(state.angle)}°, ${text(state.offset, 1)} pixels off the middle. ` +
      `Even ${text(found[0])}, odd ${text(found[1])}, complex ${text(found[2])}.`;
  };
  show();
};
