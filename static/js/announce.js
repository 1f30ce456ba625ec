// Words for eyes and ears: a polite live region that every page has from the start, and toasts.

export function announce(words) {
  const region = document.getElementById("live");
  if (!region || !words) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = words), 60);
}

// `action` is { label, href } or { label, run }. Without an action the toast leaves by itself.
export function toast(words, action = null) {
  const shelf = document.getElementById("toasts");
  if (!shelf) return null;
  const sheet = document.createElement("p");
  sheet.className = "toast";
  sheet.append(Object.assign(document.createElement("span"), { textContent: words }));
  if (action) sheet.append(control(action, sheet));
  shelf.append(sheet);
  if (!action) setTimeout(() => sheet.remove(), 8000);
  return sheet;
}

function control({ label, href, run }, sheet) {
  const element = document.createElement(href ? "a" : "button");
  element.textContent = label;
  if (href) element.href = href;
  else element.type = "button";
  if (run) element.addEventListener("click", () => { sheet.remove(); run(); });
  return element;
}
