// Fills every .ck-score-lab that is not filled yet. Settings come from its data-settings (see score_lab.py).
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 760, LEFT = 70, RIGHT = 20, LANE = 44, TOP = 26;
  const SHAPES = [
    ["circle", { r: 9 }],
    ["rect", { x: -8, y: -8, width: 16, height: 16 }],
    ["path", { d: "M0,-10 L10,8 L-10,8 Z" }],
  ];

  const svg = (parent, tag, attributes = {}) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return parent.appendChild(node);
  };
  const html = (parent, tag, properties = {}) =>
    parent.appendChild(Object.assign(document.createElement(tag), properties));
  const text = (value, digits = 2) => {
    const rounded = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
    return rounded.toFixed(digits).replace("-", "−");
  };

  // The two losses and their gradients with respect to the scores.
  const compute = ({ scores, label, margin }) => {
    const terms = scores.map((s, j) => (j === label ? 0 : Math.max(0, s - scores[label] + margin)));
    const violations = terms.filter((t) => t > 0).length;
    const top = Math.max(...scores);
    const powers = scores.map((s) => Math.exp(s - top));
    const sum = powers.reduce((a, b) => a + b);
    const probabilities = powers.map((p) => p / sum);
    return {
      terms,
      probabilities,
      hinge: terms.reduce((a, b) => a + b),
      softmax: top + Math.log(sum) - scores[label],
      hingeGradient: terms.map((t, j) => (j === label ? -violations : Number(t > 0))),
      softmaxGradient: probabilities.map((p, j) => p - Number(j === label)),
    };
  };

  const bar = (cell, value, largest, signed) => {
    cell.replaceChildren(document.createTextNode(text(value)));
    const track = html(cell, "span", { className: signed ? "bar signed" : "bar" });
    track.setAttribute("aria-hidden", "true");
    const share = Math.min(1, Math.abs(value) / largest) * (signed ? 50 : 100);
    const fill = html(track, "i", { className: value < 0 ? "negative" : "" });
    fill.style.left = `${signed ? (value < 0 ? 50 - share : 50) : 0}%`;
    fill.style.width = `${share}%`;
  };

  const build = (root) => {
    const start = JSON.parse(root.dataset.settings);
    const { names, reach } = start;
    const state = { scores: [...start.scores], label: start.label, margin: start.margin };
    const clamp = (value) => Math.round(100 * Math.min(reach, Math.max(-reach, value))) / 100;
    const place = (score) => LEFT + ((score + reach) / (2 * reach)) * (WIDTH - LEFT - RIGHT);
    const score = (x) => ((x - LEFT) / (WIDTH - LEFT - RIGHT)) * 2 * reach - reach;
    root.replaceChildren();

    // The line: one lane a class, the zone that wrong classes should keep out of, a marker a score.
    const bottom = TOP + 3 * LANE;
    const drawing = svg(root, "svg", { viewBox: `0 0 ${WIDTH} ${bottom + 34}`, role: "group" });
    drawing.setAttribute("aria-label", "Three scores on a line. Arrow keys move a marker.");
    const zone = svg(drawing, "rect", { class: "zone", y: TOP - 8, height: bottom - TOP + 8 });
    const edge = svg(drawing, "line", { class: "edge", y1: TOP - 8, y2: bottom });
    const edgeText = svg(drawing, "text", { y: TOP - 12, "text-anchor": "middle" });
    svg(drawing, "line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: bottom, y2: bottom });
    for (let tick = Math.ceil(-reach / 2) * 2; tick <= reach; tick += 2) {
      svg(drawing, "line", { class: "axis", x1: place(tick), x2: place(tick), y1: bottom, y2: bottom + 5 });
      const label = svg(drawing, "text", { x: place(tick), y: bottom + 20, "text-anchor": "middle" });
      label.textContent = text(tick, 0);
    }
    const lanes = names.map((name, j) => {
      const y = TOP + (j + 0.5) * LANE;
      svg(drawing, "text", { x: 4, y: y + 5 }).textContent = name;
      const violation = svg(drawing, "line", { class: "violation", y1: y, y2: y });
      const amount = svg(drawing, "text", { y: y - 9, "text-anchor": "middle" });
      const marker = svg(drawing, "g", {
        class: "marker", tabindex: 0, role: "slider", "aria-label": `score of ${name}`,
        "aria-valuemin": -reach, "aria-valuemax": reach, "aria-orientation": "horizontal",
      });
      svg(marker, "circle", { class: "hit", r: 20 });
      svg(marker, "circle", { class: "ring", r: 16 });
      svg(marker, SHAPES[j][0], { class: "shape", ...SHAPES[j][1] });
      return { y, violation, amount, marker };
    });

    // The table: every number of the figure, and the inputs.
    const table = html(root, "table");
    const head = html(html(table, "thead"), "tr");
    for (const title of ["correct class", "score", "hinge term", "hinge gradient", "probability", "softmax gradient"])
      html(head, "th", { textContent: title, scope: "col" });
    const body = html(table, "tbody");
    const group = `correct-${Math.random().toString(36).slice(2)}`; // two labs on a page must not share it
    const rows = names.map((name, j) => {
      const row = html(body, "tr");
      const label = html(html(row, "th", { scope: "row" }), "label");
      const radio = html(label, "input", { type: "radio", name: group });
      label.append(` ${name}`);
      const input = html(html(row, "td"), "input", { type: "number", min: -reach, max: reach, step: 0.1 });
      input.setAttribute("aria-label", `score of ${name}`);
      radio.addEventListener("change", () => { state.label = j; show(); });
      input.addEventListener("input", () => {
        if (Number.isFinite(input.valueAsNumber)) { state.scores[j] = clamp(input.valueAsNumber); show(input); }
      });
      input.addEventListener("change", () => show());
      return { radio, input, cells: [0, 1, 2, 3].map(() => html(row, "td")) };
    });

    const controls = html(root, "div", { className: "controls" });
    const result = html(controls, "output");
    const hinge = html(result, "strong");
    const softmax = html(result, "strong");
    const marginLabel = html(controls, "label", { textContent: "margin " });
    const margin = html(marginLabel, "input", { type: "number", min: 0, max: 2 * reach, step: 0.5 });
    margin.addEventListener("input", () => {
      if (margin.valueAsNumber >= 0) { state.margin = margin.valueAsNumber; show(margin); }
    });
    const reset = html(controls, "button", { type: "button", textContent: "start again" });
    reset.addEventListener("click", () => {
      Object.assign(state, { scores: [...start.scores], label: start.label, margin: start.margin });
      show();
    });

    lanes.forEach(({ marker }, j) => {
      const set = (value) => { state.scores[j] = clamp(value); show(); };
      const steps = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1 };
      marker.addEventListener("keydown", (event) => {
        if (event.key in steps) set(state.scores[j] + steps[event.key]);
        else if (event.key === "Home") set(-reach);
        else if (event.key === "End") set(reach);
        else return;
        event.preventDefault();
      });
      const drag = (event) => {
        const box = drawing.getBoundingClientRect();
        set(Math.round(10 * score(((event.clientX - box.left) / box.width) * WIDTH)) / 10);
      };
      marker.addEventListener("pointerdown", (event) => {
        marker.setPointerCapture(event.pointerId);
        marker.focus();
        marker.addEventListener("pointermove", drag);
        event.preventDefault();
      });
      for (const end of ["pointerup", "pointercancel"])
        marker.addEventListener(end, () => marker.removeEventListener("pointermove", drag));
    });

    // `typing` is the input being typed in: rewriting it would move the caret.
    const show = (typing = null) => {
      const now = compute(state);
      const border = state.scores[state.label] - state.margin;
      const x = Math.min(WIDTH - RIGHT, Math.max(LEFT, place(border)));
      zone.setAttribute("x", x);
      zone.setAttribute("width", WIDTH - RIGHT - x);
      edge.setAttribute("x1", x);
      edge.setAttribute("x2", x);
      edgeText.setAttribute("x", Math.min(WIDTH - 110, Math.max(LEFT + 90, x)));
      edgeText.textContent = `correct − margin = ${text(border)}`;
      lanes.forEach(({ y, violation, amount, marker }, j) => {
        const at = place(state.scores[j]);
        const term = now.terms[j];
        violation.setAttribute("x1", x);
        violation.setAttribute("x2", term > 0 ? at : x);
        amount.setAttribute("x", (x + at) / 2);
        amount.textContent = term > 0 ? text(term) : "";
        marker.setAttribute("transform", `translate(${at} ${y})`);
        marker.setAttribute("aria-valuenow", state.scores[j]);
        const losses = `hinge loss ${text(now.hinge)}, softmax loss ${text(now.softmax)}`;
        marker.setAttribute("aria-valuetext", `${text(state.scores[j])}; ${losses}`);
        marker.classList.toggle("correct", j === state.label);
      });
      rows.forEach(({ radio, input, cells }, j) => {
        radio.checked = j === state.label;
        if (input !== typing) input.value = state.scores[j];
        bar(cells[0], now.terms[j], 8, false);
        bar(cells[1], now.hingeGradient[j], 2, true);
        bar(cells[2], now.probabilities[j], 1, false);
        bar(cells[3], now.softmaxGradient[j], 1, true);
      });
      if (margin !== typing) margin.value = state.margin;
      hinge.textContent = `hinge loss ${text(now.hinge)}`;
      softmax.textContent = `softmax loss ${text(now.softmax)}`;
    };
    // JupyterLab takes plain keys for its own commands ("d d" deletes the cell) unless the element in focus says that it
    // wants them. It listens on the document, so this listens on the window. Keys with a modifier (Ctrl+S, Shift+Enter)
    // stay JupyterLab's.
    window.addEventListener("keydown", (event) => {
      if (!root.contains(event.target)) return;
      const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
      event.target.toggleAttribute("data-lm-suppress-shortcuts", plain);
    }, true);
    root.dataset.ready = "yes";
    show();
  };

  document.querySelectorAll(".ck-score-lab:not([data-ready])").forEach(build);
})();
