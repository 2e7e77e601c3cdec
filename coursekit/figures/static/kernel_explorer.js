// The settings of one axis: how far the taps of a window reach, what is padded, how many windows there are.
const axis = (size, taps, { stride, pad, dilation, same }) => {
  const reach = dilation * (taps - 1) + 1;
  let before = pad, after = pad;
  if (same) {  // Keras: ⌈size / stride⌉ windows, and of an odd number of zeros the larger half after
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
    before = Math.floor(total / 2);
    after = total - before;
  }
  const room = size + before + after - reach;
  const windows = room < 0 ? 0 : Math.floor(room / stride) + 1;
  return { size, reach, before, after, room, windows, rest: windows ? room % stride : 0 };
};

// Every window's taps: where they are on the input, with which weight.
const slide = (state) => {
  const weights = state.turn ? state.kernel.map((row) => [...row].reverse()).reverse() : state.kernel;
  const rows = axis(state.image.length, weights.length, state);
  const columns = axis(state.image[0].length, weights[0].length, state);
  const taps = (i, j) => weights.flatMap((line, m) => line.map((weight, n) => {
    const row = i * state.stride + m * state.dilation - rows.before;
    const column = j * state.stride + n * state.dilation - columns.before;
    return { row, column, weight, value: state.image[row]?.[column] ?? 0 };
  }));
  const output = Array.from({ length: columns.windows && rows.windows }, (_, i) =>
    Array.from({ length: columns.windows }, (_, j) =>
      taps(i, j).reduce((sum, { weight, value }) => sum + weight * value, 0)));
  return { rows, columns, taps, output };
};

const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// What the settings mean, in words: sizes, remainders, refusals.
const inWords = ({ rows, columns, output }, { stride, same, pad }) => {
  const lines = [];
  const sum = (a) => {
    const zeros = a.before + a.after;
    const exact = a.room / stride + 1;
    const value = Number.isInteger(exact) ? "" : `, rounded down to ${a.windows}`;
    return `(${a.size}${zeros ? ` + ${zeros}` : ""} − ${a.reach}) / ${stride} + 1 = ${text(exact)}${value}`;
  };
  if (!output.length) {
    return [
      `Does not fit: the window covers ${rows.reach} × ${columns.reach} pixels, the padded input has only ` +
      `${rows.size + rows.before + rows.after} × ${columns.size + columns.before + columns.after}. ` +
      "There is no output. Take a smaller kernel or dilation, or more padding.",
    ];
  }
  lines.push(`Output ${rows.windows} × ${columns.windows}. Rows: ${sum(rows)}. Columns: ${sum(columns)}.`);
  const rest = [[rows, "row"], [columns, "column"]].filter(([a]) => a.rest).map(([a, word]) => many(a.rest, word));
  if (rest.length) {
    lines.push(
      `Does not fit exactly: ${rest.join(" and ")} at the end lie beyond the last window. ` +
      "Keras and PyTorch round down and say nothing.",
    );
  }
  if (same) {
    lines.push(
      `"Same" pads ${many(rows.before, "row")} above and ${rows.after} below, ${many(columns.before, "column")} ` +
      `left and ${columns.after} right.`,
    );
  } else if (Math.max(rows.before - rows.reach, columns.before - columns.reach) >= 0 && pad) {
    lines.push("So much padding that some windows see nothing but zeros.");
  }
  return lines;
};

const build = (root) => {
  const start = JSON.parse(root.dataset.settings);
  const { largest } = start;
  const copy = (kernel) => kernel.map((row) => [...row]);
  const begin = () => ({ ...start, kernel: copy(start.kernels[0][1]), turn: false, at: [0, 0] });
  let state = begin();
  let now = null;
  root.replaceChildren();

  // A labelled number that takes whole numbers from least to most, and says so when it gets something else.
  const controls = html(root, "div", { className: "controls" });
  const whole = (label, least, most, get, set) => {
    const box = html(html(controls, "label", { textContent: `${label} ` }), "input", { type: "number", step: 1 });
    Object.assign(box, { min: least, max: most });
    box.addEventListener("input", () => {
      const value = box.valueAsNumber;
      const fits = Number.isInteger(value) && value >= least && value <= most;
      box.setAttribute("aria-invalid", String(!fits));
      if (!fits) return say([`Not possible: ${label} must be a whole number from ${least} to ${most}.`]);
      set(value);
      show(box);
    });
    box.addEventListener("change", () => show());
    return { box, refresh: (typing) => { if (box !== typing) { box.value = get(); box.removeAttribute("aria-invalid"); } } };
  };
  const tick = (label, name) => {
    const line = html(controls, "label");
    const box = html(line, "input", { type: "checkbox" });
    line.append(` ${label}`);
    box.addEventListener("change", () => { state[name] = box.checked; show(); });
    return { box, refresh: () => { box.checked = state[name]; } };
  };
  const reshape = (rows, columns) => {  // keeps what is there; new weights are 0
    state.kernel = Array.from({ length: rows }, (_, m) =>
      Array.from({ length: columns }, (_, n) => state.kernel[m]?.[n] ?? 0));
    weights();
  };

  const choice = html(html(controls, "label", { textContent: "kernel " }), "select");
  start.kernels.forEach(([name], i) => html(choice, "option", { textContent: name, value: i }));
  choice.addEventListener("change", () => {
    state.kernel = copy(start.kernels[choice.value][1]);
    weights();
    show();
  });
  const height = () => state.kernel.length, width = () => state.kernel[0].length;
  const fields = [
    whole("kernel rows", 1, largest.kernel, height, (value) => reshape(value, width())),
    whole("kernel columns", 1, largest.kernel, width, (value) => reshape(height(), value)),
    whole("stride", 1, largest.step, () => state.stride, (value) => { state.stride = value; }),
    whole("padding", 0, largest.step, () => state.pad, (value) => { state.pad = value; }),
    tick("“same”, as Keras", "same"),
    whole("dilation", 1, largest.step, () => state.dilation, (value) => { state.dilation = value; }),
    tick("turn the kernel by 180° (convolution)", "turn"),
  ];
  const again = html(controls, "button", { type: "button", textContent: "start again" });
  again.addEventListener("click", () => { state = begin(); choice.value = 0; weights(); show(); });

  const words = html(root, "div", { className: "words" }, { role: "status" });
  const tables = html(root, "div", { className: "tables" });
  const grid = (name, role) => {
    const table = html(tables, "table", { className: name }, role ? { role } : {});
    return { caption: html(table, "caption"), body: html(table, "tbody"), table };
  };
  const input = grid("input"), kernel = grid("kernel"), output = grid("output", "grid");
  const sum = html(root, "p", { className: "sum" });
  const legend = html(root, "p", { className: "legend" });
  for (const [mark, meaning] of [["tap", "what the window reads, with its weight"], ["pad", "padding"],
    ["unread", "read by no window"]]) {
    html(legend, "i", { className: mark });
    legend.append(` ${meaning}  `);
  }

  const say = (lines) => {
    words.replaceChildren();
    lines.forEach((line) => html(words, "p", { textContent: line }));
    words.classList.toggle("refused", /^(Does not fit:|Not possible)/.test(lines[0]));
  };

  // A table with the numbers of its rows and columns around it.
  const lay = ({ body }, first, rows, columns, cell) => {
    body.replaceChildren();
    const head = html(body, "tr");
    html(head, "td", { className: "corner" });
    for (let j = 0; j < columns; j++) html(head, "th", { textContent: text(first[1] + j), scope: "col" });
    return Array.from({ length: rows }, (_, i) => {
      const line = html(body, "tr");
      html(line, "th", { textContent: text(first[0] + i), scope: "row" });
      return Array.from({ length: columns }, (_, j) => cell(html(line, "td"), i, j));
    });
  };

  const weights = () => {
    kernel.body.replaceChildren();
    state.kernel.forEach((row, m) => {
      const line = html(kernel.body, "tr");
      row.forEach((weight, n) => {
        const box = html(html(line, "td"), "input", { type: "number", step: "any", value: weight });
        box.setAttribute("aria-label", `weight in row ${m}, column ${n}`);
        box.addEventListener("input", () => {
          const fits = Number.isFinite(box.valueAsNumber);
          box.setAttribute("aria-invalid", String(!fits));
          if (!fits) return say(["Not possible: a weight must be a number."]);
          state.kernel[m][n] = box.valueAsNumber;
          show(box);
        });
      });
    });
  };

  let cells = { input: [], output: [] };
  const show = (typing = null) => {
    now = slide(state);
    fields.forEach((field) => field.refresh(typing));
    fields[3].box.disabled = state.same;
    const { rows, columns } = now;
    const read = new Set(now.output.flatMap((line, i) =>
      line.flatMap((_, j) => now.taps(i, j).map(({ row, column }) => `${row} ${column}`))));
    const all = [rows.size + rows.before + rows.after, columns.size + columns.before + columns.after];
    cells.input = lay(input, [-rows.before, -columns.before], ...all, (td, i, j) => {
      const [row, column] = [i - rows.before, j - columns.before];
      const value = state.image[row]?.[column];
      td.classList.toggle("pad", value === undefined);
      td.classList.toggle("unread", !read.has(`${row} ${column}`));
      html(td, "span", { textContent: text(value ?? 0) });
      html(td, "small");
      return td;
    });
    input.caption.textContent = `input ${rows.size} × ${columns.size}` +
      (all[0] * all[1] > rows.size * columns.size ? `, padded to ${all[0]} × ${all[1]}` : "");
    kernel.caption.textContent = `kernel ${state.kernel.length} × ${state.kernel[0].length}` +
      (state.turn ? ", turned as it slides" : "");
    output.caption.textContent = now.output.length ? `output ${rows.windows} × ${columns.windows}` : "no output";
    cells.output = lay(output, [0, 0], now.output.length, now.output[0]?.length ?? 0, (td, i, j) => {
      td.textContent = text(now.output[i][j]);
      td.setAttribute("role", "gridcell");
      return td;
    });
    say(inWords(now, state));
    point(state.at);
  };

  // Mark one output pixel and everything that made it.
  const point = ([i, j]) => {
    root.querySelectorAll("td.tap, td.here").forEach((td) => td.classList.remove("tap", "here"));
    cells.input.flat().forEach((td) => { td.lastChild.textContent = ""; });
    sum.textContent = "";
    if (!now.output.length) return;
    state.at = [Math.min(i, now.output.length - 1), Math.min(j, now.output[0].length - 1)];
    const [row, column] = state.at;
    const taps = now.taps(row, column);
    taps.forEach((tap) => {
      const td = cells.input[tap.row + now.rows.before][tap.column + now.columns.before];
      td.classList.add("tap");
      td.lastChild.textContent = `×${text(tap.weight)}`;
    });
    const signed = (value) => (value < 0 ? `(${text(value)})` : text(value));
    const total = text(now.output[row][column]);
    const products = taps.map(({ value, weight }) => `${signed(value)}·${signed(weight)}`).join(" + ");
    sum.textContent = `Output row ${row}, column ${column}: ${products} = ${total}`;
    cells.output.flat().forEach((td) => { td.tabIndex = -1; td.removeAttribute("aria-label"); });
    const here = cells.output[row][column];
    here.classList.add("here");
    here.tabIndex = 0;
    here.setAttribute("aria-label", `${total}, row ${row}, column ${column}: ${products}`);
    return here;
  };
  const place = (target) => {
    const td = target.closest?.("td[role=gridcell]");
    return td && [td.parentElement.rowIndex - 1, td.cellIndex - 1];
  };
  for (const event of ["pointerover", "pointerdown", "focusin"])
    output.table.addEventListener(event, ({ target }) => { const at = place(target); if (at) point(at); });
  output.table.addEventListener("keydown", (event) => {
    const at = place(event.target);
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -99], End: [0, 99], PageUp: [-99, 0], PageDown: [99, 0] }[event.key];
    if (!at || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
    point([clamp(at[0] + step[0], now.output.length), clamp(at[1] + step[1], now.output[0].length)]).focus();
  });

  weights();
  show();
};
