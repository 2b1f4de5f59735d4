// Elements from data: text is always text, so nothing that the cloud says can become markup.
function put(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
const h = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) =>
  put(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const text = (x, y, words, kind = "", more = {}) => s("text", {x, y, class: kind || null, ...more}, words);
const say = (words) => { document.getElementById("say").textContent = words; };

function separated(items, between = ", ") {
  return items.flatMap((item, at) => (at ? [between, item] : [item]));
}

async function copyText(words, button) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // A page from a file may not use the clipboard's API.
    const field = h("textarea", {"aria-hidden": "true", class: "vh"}, words);
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const before = button.textContent;
  button.textContent = T("copied");
  say(T("copied"));
  setTimeout(() => { button.textContent = before; }, 1500);
}
const copyButton = (words) => {
  const button = h("button", {type: "button", class: "btn"}, T("copy"));
  button.addEventListener("click", () => copyText(words(), button));
  return button;
};
