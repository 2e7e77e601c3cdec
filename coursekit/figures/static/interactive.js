// What the interactive figures share; see interactive.py. Each figure's own script defines build(root).
const SVG = "http://www.w3.org/2000/svg";
const svg = (parent, tag, attributes = {}) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return parent.appendChild(node);
};
const html = (parent, tag, properties = {}, attributes = {}) => {
  const node = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return parent.appendChild(node);
};
// A number in at most `digits` decimals, with a true minus sign.
const text = (value, digits = 2) => String(Number(value.toFixed(digits)) + 0).replace("-", "−");

// JupyterLab takes plain keys for its own commands unless the element in focus says that it wants them. It listens on
// the document, so this listens on the window. Keys with a modifier (Ctrl+S, Shift+Enter) stay JupyterLab's.
const keepKeys = (root) => window.addEventListener("keydown", (event) => {
  if (!root.contains(event.target)) return;
  const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
  event.target.toggleAttribute("data-lm-suppress-shortcuts", plain);
}, true);
