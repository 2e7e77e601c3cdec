// A picture flipped, turned, moved and tinted, as coursekit.figures.augmentation_lab.changed does it.
const change = (pixels, { flip, right, down, turn, red, green, blue }) => {
  const side = pixels.length, middle = (side - 1) / 2, angle = (turn * Math.PI) / 180;
  const cast = [red, green, blue];
  return Array.from({ length: side }, (_, i) => Array.from({ length: side }, (_, j) => {
    const y = i - down - middle, x = j - right - middle;
    const row = Math.floor(y * Math.cos(angle) + x * Math.sin(angle) + middle + 0.5);
    const column = Math.floor(x * Math.cos(angle) - y * Math.sin(angle) + middle + 0.5);
    const inside = row >= 0 && row < side && column >= 0 && column < side;
    const from = inside ? pixels[row][flip ? side - 1 - column : column] : [0, 0, 0];
    return from.map((value, c) => Math.min(1, Math.max(0, value / 255 + cast[c])));
  }));
};
const START = { flip: false, right: 0, down: 0, turn: 0, red: 0, green: 0, blue: 0 };

const build = (root) => {
  const { pictures } = JSON.parse(root.dataset.settings);
  const names = Object.keys(pictures);
  let state = { ...START }, name = names[0];
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const labelled = (label, tag, properties) => html(html(controls, "label", { textContent: `${label} ` }), tag, properties);
  const choice = labelled("picture", "select");
  names.forEach((each) => html(choice, "option", { textContent: each, value: each }));
  choice.addEventListener("change", () => { name = choice.value; show(); });
  const flip = labelled("flip", "input", { type: "checkbox" });
  flip.addEventListener("change", () => { state.flip = flip.checked; show(); });
  const slider = (key, label, most, step) => {
    const box = labelled(label, "input", { type: "range" });
    Object.assign(box, { min: -most, max: most, step });
    box.addEventListener("input", () => { state[key] = box.valueAsNumber; show(); });
    return [key, box];
  };
  const sliders = [slider("right", "move right", 6, 1), slider("down", "move down", 6, 1), slider("turn", "turn", 45, 5),
    slider("red", "red", 0.5, 0.1), slider("green", "green", 0.5, 0.1), slider("blue", "blue", 0.5, 0.1)];
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = { ...START }; show(); });

  const words = html(root, "p", { className: "words" }, { role: "status" });
  const row = html(root, "div", { className: "pictures" });
  const picture = (title) => {
    const figure = html(row, "figure");
    const canvas = html(figure, "canvas", {}, { role: "img", "aria-label": title });
    html(figure, "figcaption", { textContent: title });
    return (pixels) => {
      canvas.width = canvas.height = pixels.length;
      const bytes = pixels.flat().flatMap((rgb) => [...rgb.map((value) => Math.round(255 * value)), 255]);
      const image = new ImageData(Uint8ClampedArray.from(bytes), pixels.length);
      canvas.getContext("2d").putImageData(image, 0, 0);
    };
  };
  const before = picture("as it is"), after = picture("changed");

  const table = html(root, "table");
  const head = html(html(table, "thead"), "tr");
  ["", "mean red", "mean green", "mean blue", "pixels, root mean square"].forEach((each) =>
    html(head, "th", { textContent: each, scope: "col" }));
  const body = html(table, "tbody");
  const line = (title) => {
    const tr = html(body, "tr");
    html(tr, "th", { textContent: title, scope: "row" });
    const cells = Array.from({ length: 4 }, () => html(tr, "td"));
    return (values) => cells.forEach((cell, i) => { cell.textContent = text(values[i], 3); });
  };
  const lines = [line("as it is"), line("changed"), line("difference")];
  const rms = (values) => Math.sqrt(values.reduce((all, value) => all + value * value, 0) / values.length);
  const numbersOf = (pixels) => {
    const flat = pixels.flat();
    const means = [0, 1, 2].map((c) => flat.reduce((all, rgb) => all + rgb[c], 0) / flat.length);
    return [...means, rms(flat.flat())];
  };
  const show = () => {
    sliders.forEach(([key, box]) => { box.value = state[key]; });
    flip.checked = state.flip;
    const original = change(pictures[name], START), now = change(pictures[name], state);
    before(original);
    after(now);
    const old = original.flat(2), gone = now.flat(2).map((value, i) => value - old[i]);
    const [first, second] = [numbersOf(original), numbersOf(now)];
    lines[0](first);
    lines[1](second);
    lines[2]([0, 1, 2].map((c) => second[c] - first[c]).concat(rms(gone)));
    const moved = `moved by ${text(state.right)} and ${text(state.down)} pixels, turned by ${text(state.turn)}°`;
    const cast = [state.red, state.green, state.blue].map((value) => text(value, 1)).join(", ");
    words.textContent = `${name}: ${state.flip ? "flipped, " : ""}${moved}, cast ${cast}. ` +
      "Is it still what it was?";
  };
  show();
};
