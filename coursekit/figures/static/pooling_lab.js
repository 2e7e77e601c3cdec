// The weights of a window, of sum 1: coursekit.scratch.pooling.window_weights says what they are.
const windowWeights = (kind, rows, columns) => {
  const place = (k, n) => (2 * k - (n - 1)) / n;
  const weights = Array.from({ length: rows }, (_, k) => Array.from({ length: columns }, (_, m) => {
    const distance = Math.hypot(place(k, rows), place(m, columns));
    if (kind === "gaussian") return Math.exp(-2 * distance ** 2);
    return kind === "disc" && distance > 1 ? 0 : 1;
  }));
  const sum = weights.flat().reduce((a, b) => a + b);
  return weights.map((row) => row.map((weight) => weight / sum));
};

const moved = (image, [down, right]) =>
  image.map((row, i) => row.map((_, j) => image[i - down]?.[j - right] ?? 0));

// Every window's summary, as pool2d computes it: windows that lie wholly on the image.
const pool = (image, { kind, width, stride }) => {
  const size = [image.length, image[0].length].map((side) => Math.min(side, width));
  const count = [image.length, image[0].length].map((side, a) => Math.floor((side - size[a]) / stride) + 1);
  const weights = windowWeights(kind, ...size);
  return Array.from({ length: count[0] }, (_, i) => Array.from({ length: count[1] }, (_, j) => {
    const values = weights.flatMap((line, k) => line.map((weight, m) => [image[i * stride + k][j * stride + m], weight]));
    if (kind === "max") return Math.max(...values.map(([value]) => value));
    if (kind === "l2") return Math.sqrt(values.reduce((sum, [value]) => sum + value * value, 0));
    return values.reduce((sum, [value, weight]) => sum + weight * value, 0);
  }));
};

const differs = (a, b) => Math.abs(a - b) > 1e-9;

const build = (root) => {
  const start = JSON.parse(root.dataset.settings);
  const begin = () => ({ ...start, shift: [...start.shift] });
  let state = begin();
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const kind = html(html(controls, "label", { textContent: "pooling " }), "select");
  start.kinds.forEach((name) => html(kind, "option", { textContent: name, value: name }));
  kind.addEventListener("change", () => { state.kind = kind.value; show(); });
  const whole = (name) => {
    const box = html(html(controls, "label", { textContent: `${name} ` }), "input", { type: "number", min: 1, step: 1 });
    box.max = start.largest;
    box.addEventListener("input", () => {
      const value = box.valueAsNumber;
      const fits = Number.isInteger(value) && value >= 1 && value <= start.largest;
      box.setAttribute("aria-invalid", String(!fits));
      if (!fits) {
        words.textContent = `Not possible: ${name} must be a whole number from 1 to ${start.largest}.`;
        return;
      }
      state[name] = value;
      show(box);
    });
    box.addEventListener("change", () => show());
    return [name, box];
  };
  const boxes = [whole("width"), whole("stride")];
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const clamp = (value, most) => Math.max(-most, Math.min(most, value));
  const move = ([down, right]) => {
    const [rows, columns] = [start.image.length, start.image[0].length];
    state.shift = [clamp(state.shift[0] + down, rows), clamp(state.shift[1] + right, columns)];
    show();
  };
  for (const [key, sign, name] of [["ArrowLeft", "←", "left"], ["ArrowRight", "→", "right"], ["ArrowUp", "↑", "up"],
    ["ArrowDown", "↓", "down"]]) {
    const button = html(controls, "button", { type: "button", textContent: sign }, { "aria-label": `move ${name}` });
    button.addEventListener("click", () => move(steps[key]));
  }
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = begin(); show(); });

  const words = html(root, "p", { className: "words" }, { role: "status" });
  const tables = html(root, "div", { className: "tables" });
  const grid = (attributes) => {
    const table = html(tables, "table", {}, attributes);
    return { table, caption: html(table, "caption"), body: html(table, "tbody") };
  };
  const input = grid({ class: "input", tabindex: 0, "aria-label": "image; arrow keys move it by a pixel" });
  const output = grid({ class: "output" });
  html(root, "p", { className: "legend", textContent:
    "Bold, framed and striped: differs from the image at rest. Click the image, then use the arrow keys." });
  input.table.addEventListener("keydown", (event) => {
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(steps[event.key]);
  });

  const fill = ({ body }, now, rest) => {
    body.replaceChildren();
    let changed = 0;
    now.forEach((row, i) => {
      const line = html(body, "tr");
      row.forEach((value, j) => {
        const new_ = differs(value, rest[i][j]);
        changed += new_;
        html(line, "td", { textContent: text(value, 2), className: new_ ? "changed" : "" });
      });
    });
    const all = now.length * now[0].length;
    return `${changed} of ${all} (${text((100 * changed) / all, 0)} %)`;
  };
  const show = (typing = null) => {
    kind.value = state.kind;
    boxes.forEach(([name, box]) => {
      if (box !== typing) { box.value = state[name]; box.removeAttribute("aria-invalid"); }
    });
    const now = moved(start.image, state.shift);
    const pooled = pool(now, state), atRest = pool(start.image, state);
    const inputs = fill(input, now, start.image), outputs = fill(output, pooled, atRest);
    input.caption.textContent = `input ${now.length} × ${now[0].length}`;
    output.caption.textContent = `${state.kind} pooling, ${pooled.length} × ${pooled[0].length}`;
    const [down, right] = state.shift;
    words.textContent = `Moved ${text(down)} down and ${text(right)} right. ` +
      `Changed: ${inputs} of the inputs, ${outputs} of the outputs.`;
  };
  show();
};
