// Four digits, whatever the size, with a true minus sign; in brackets where a factor is negative.
const short = (value) => String(Number(value.toPrecision(4)) + 0).replace("-", "−");
const factor = (value) => (value < 0 ? `(${short(value)})` : short(value));

// All that is known after a number of steps: first each operation forward, then the end's own gradient, then each
// operation backward.
const walk = (values, at) => {
  const operations = values.map((_, i) => i).filter((i) => values[i].inputs.length);
  const count = operations.length, end = values.length - 1;
  const back = at - count - 1;  // operations passed on the way back; −1 on the way forward
  const known = values.map((value, i) => !value.inputs.length || operations.indexOf(i) < at);
  const gradients = values.map((_, i) => (i === end && back >= 0 ? 1 : 0));
  const terms = values.map(() => []);  // what each value got, use by use
  for (const user of [...operations].reverse().slice(0, Math.max(0, back))) {
    values[user].inputs.forEach((input, k) => {
      const term = { user, upstream: gradients[user], local: values[user].local[k] };
      gradients[input] += term.upstream * term.local;
      terms[input].push(term);
    });
  }
  const uses = values.map((_, i) => values.reduce((n, { inputs }) => n + inputs.filter((j) => j === i).length, 0));
  const active = back > 0 ? operations[count - back] : back === 0 ? end : at > 0 ? operations[at - 1] : -1;
  return { values, count, back, active, end, known, gradients, terms, uses };
};

const product = ({ upstream, local }) => `${short(upstream)} × ${factor(local)}`;

// A gradient as the sum of its terms, as far as they have come in.
const gradient = ({ back, end, terms, gradients, uses }, i) => {
  if (back < 0 || (i !== end && !terms[i].length)) return "?";
  const rest = terms[i].length < uses[i] ? " + …" : "";
  return { short: short(gradients[i]) + rest, long: i === end ? "1" :
    `${terms[i].map((term) => product(term)).join(" + ")}${rest} = ${short(gradients[i])}${rest}` };
};

// The step in words: a headline, and on the way back a line for each input.
const inWords = (now, at) => {
  const { values, count, back, active, end, gradients } = now;
  const value = values[active];
  const listed = (numbers) => values.map((v, i) => (v.inputs.length || v.title === "constant" ? "" :
    `${v.name} ${numbers(v, i)}`)).filter(Boolean).join(", ");
  if (at === 0) return [`Start. Known are the inputs: ${listed((v) => short(v.value))}.`, "Go forward with → or the button."];
  const how = value.inputs.length ? `${value.name} = ${value.formula}` : value.name;
  if (back < 0) return [`Forward, ${at} of ${count}: ${how} = ${value.numbers} = ${short(value.value)}`];
  if (back === 0) return [`Turn round: ${values[end].name} is the end, and its gradient for itself is 1.`];
  const lines = value.inputs.map((input, k) => {
    const downstream = gradients[active] * value.local[k];
    return `to ${values[input].name}: upstream ${short(gradients[active])} × local ${factor(value.local[k])} = ` +
      `downstream ${short(downstream)}`;
  });
  if (back === count) lines.push(`Done. Gradients: ${listed((_, i) => short(gradients[i]))}.`);
  return [`Backward, ${back} of ${count}: ${how} hands on its gradient ${short(gradients[active])}`, ...lines];
};

// The middle of a curve, and the angle at which it passes there.
const middle = ([a, b, c, d]) => {
  const [x, y] = [0, 1].map((k) => (a[k] + 3 * b[k] + 3 * c[k] + d[k]) / 8);
  const [dx, dy] = [0, 1].map((k) => d[k] + c[k] - b[k] - a[k]);
  return { x, y, angle: (Math.atan2(dy, dx) * 180) / Math.PI };
};

const build = (root) => {
  const { size, box, routes, values } = JSON.parse(root.dataset.settings);
  const last = walk(values, 0).count * 2 + 1;
  let at = 0;
  root.replaceChildren();

  const controls = html(root, "div", { className: "controls" });
  const button = (label, target) => {
    const made = html(controls, "button", { type: "button", textContent: label });
    made.addEventListener("click", () => go(target()));
    return made;
  };
  const first = button("start", () => 0);
  const backward = button("← back", () => at - 1);
  const slider = html(controls, "input", { type: "range", min: 0, max: last, step: 1 }, { "aria-label": "step" });
  const forward = button("forward →", () => at + 1);
  const final = button("end", () => last);
  const counter = html(controls, "span");
  const words = html(root, "div", { className: "words" }, { role: "status" });

  const [width, height] = size, [wide, high] = box;
  const drawing = svg(html(root, "div", { className: "drawing" }), "svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img" });
  const edges = routes.map(([from, to, curve]) => {
    const edge = svg(drawing, "g", { class: "edge" });
    svg(edge, "path", { d: `M${curve[0]} C${curve.slice(1).join(" ")}` });
    const { x, y, angle } = middle(curve);
    const head = svg(edge, "polygon", { transform: `translate(${x} ${y}) rotate(${angle})` });
    return { from, to, edge, head, label: svg(edge, "text", { x: x - 5, y: y - 12 }) };
  });
  const boxes = values.map(({ title, sign, centre: [x, y] }) => {
    const group = svg(drawing, "g", { class: "value" });
    svg(group, "rect", { class: "frame", x: x - wide / 2, y: y - high / 2, width: wide, height: high, rx: 4 });
    svg(group, "text", { class: "name", x: x + 6, y: y - 13 }).textContent = title;
    const lines = [5, 23].map((dy) => svg(group, "text", { x: x + 6, y: y + dy }));
    if (sign) {
      const across = 18 + 6.5 * sign.length;
      svg(group, "rect", { class: "pill", x: x - wide / 2 - across / 2, y: y - 12, width: across, height: 24, rx: 12 });
      svg(group, "text", { x: x - wide / 2, y: y + 4 }).textContent = sign;
    }
    return { group, lines };
  });

  const table = html(root, "table");
  html(table, "caption", { textContent: "gradient = sum over all uses of upstream × local derivative" });
  const titles = html(html(table, "thead"), "tr");
  for (const title of ["name", "computed as", "value", "gradient"])
    html(titles, "th", { textContent: title, scope: "col" });
  const body = html(table, "tbody");
  const rows = values.map(({ name, title, formula }) => {
    const row = html(body, "tr");
    html(row, "th", { textContent: name, scope: "row" });
    html(row, "td", { textContent: formula || (title === "constant" ? title : "input") });
    return { row, cells: [html(row, "td"), html(row, "td")] };
  });

  const go = (step) => {
    at = Math.min(last, Math.max(0, step));
    const now = walk(values, at);
    const lines = inWords(now, at);
    words.replaceChildren();
    for (const line of lines) html(words, "p", { textContent: line });
    drawing.setAttribute("aria-label", `Computation graph; the table below holds its numbers. ${lines[0]}`);
    slider.value = at;
    slider.setAttribute("aria-valuetext", lines.join(" "));
    counter.textContent = `step ${at} of ${last}`;
    for (const [control, off] of [[first, at === 0], [backward, at === 0], [forward, at === last], [final, at === last]])
      control.setAttribute("aria-disabled", off);  // a disabled button would lose the focus
    values.forEach((value, i) => {
      const { short: sum, long } = Object.assign({ short: "?", long: "?" }, gradient(now, i));
      const shown = now.known[i] ? short(value.value) : "?";
      boxes[i].lines[0].textContent = `value ${shown}`;
      boxes[i].lines[1].textContent = `grad ${sum}`;
      boxes[i].group.classList.toggle("waiting", !now.known[i]);
      boxes[i].group.classList.toggle("on", i === now.active);
      rows[i].row.classList.toggle("on", i === now.active);
      rows[i].cells[0].textContent = shown;
      rows[i].cells[1].textContent = long;
    });
    for (const { from, to, edge, head, label } of edges) {
      const terms = now.terms[from].filter(({ user }) => user === to);
      label.replaceChildren();
      terms.forEach(({ local }, k) => {  // a value used twice by one operation has two, one above the other
        svg(label, "tspan", { x: label.getAttribute("x"), dy: k ? 15 : 15 * (1 - terms.length) }).textContent =
          `× ${short(local)}`;
      });
      edge.classList.toggle("on", to === now.active && now.back !== 0);
      const tip = terms.length ? -9 : 9;  // the way the step goes
      head.setAttribute("points", `${tip},0 ${-tip},-7 ${-tip},7`);
    }
  };
  slider.addEventListener("input", () => go(slider.valueAsNumber));
  root.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
    if (!(event.key in steps) || event.target === slider || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(steps[event.key]);
  });
  go(0);
};
