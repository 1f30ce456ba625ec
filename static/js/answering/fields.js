// Errors beside their field, each with the occasion that brought it, and a summary that takes the focus.

export function showErrors(form, errors, occasion) {
  clearErrors(form, occasion);
  for (const [path, sentence] of Object.entries(errors)) {
    const control = controlOf(path);
    const place = control?.closest(".field") ?? control?.parentElement;
    if (!place) continue;
    const line = Object.assign(document.createElement("p"), { className: "field-error", textContent: sentence });
    line.id = `${path}-error`;
    line.dataset.occasion = occasion;
    const label = place.querySelector(":scope > legend, :scope > label");
    if (label) label.after(line);
    else place.append(line);
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", line.id);
  }
}

export function clearErrors(form, occasion) {
  for (const line of document.querySelectorAll(`.field-error[data-occasion="${occasion}"]`)) {
    const control = controlOf(line.id.replace(/-error$/, ""));
    control?.removeAttribute("aria-invalid");
    control?.removeAttribute("aria-describedby");
    line.remove();
  }
}

// The list of what stands between the opinion and its signature, each a way to its field.
export function summarise(place, errors) {
  const sheet = Object.assign(document.createElement("div"), { className: "notice late error-summary", tabIndex: -1 });
  sheet.setAttribute("role", "alert");
  const list = document.createElement("ul");
  for (const [path, sentence] of Object.entries(errors).sort(inOrder)) {
    const row = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `#${path}`, textContent: sentence });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(path);
    });
    row.append(link);
    list.append(row);
  }
  sheet.append(Object.assign(document.createElement("h2"), { textContent: "Avant de signer" }), list);
  place.replaceChildren(sheet);
  sheet.focus();
}

// As they stand on the page, from above.
function inOrder([one], [other]) {
  const [first, second] = [controlOf(one), controlOf(other)];
  if (!first || !second) return 0;
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

export function goTo(path) {
  const control = controlOf(path);
  if (!control) return;
  reveal(control);
  control.focus();
  control.closest(".field")?.scrollIntoView({ block: "nearest" });
}

// Unfolds what hides a field: its lesion's tab, its details.
export function reveal(control) {
  const panel = control.closest("[role=tabpanel]");
  if (panel?.hidden) document.getElementById(panel.getAttribute("aria-labelledby")).click();
  for (let fold = control.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

function controlOf(path) {
  return document.getElementById(path) ?? document.querySelector(`[name="${CSS.escape(path)}"]`);
}
