// « Mes demandes »: the search opens from its button, hides the list while it shows what it found, and is there again
// after Back. What is looked for stays in this entry of the history: never in an address.

const form = document.getElementById("search");
const opener = document.getElementById("open-search");
const list = document.getElementById("requests");
const found = document.getElementById("found");

if (form) {
  const field = form.querySelector("input[type=search]");
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", "search");
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    if (form.hidden) open();
    else close();
  });
  field.addEventListener("input", () => remember(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === found && show());
  const before = history.state?.looked ?? "";
  if (before) {
    open();
    field.value = before;
    htmxReady().then(() => form.requestSubmit());
  }

  function open() {
    form.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    field.focus();
  }

  function close() {
    form.hidden = true;
    field.value = "";
    found.replaceChildren();
    remember("");
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
    show();
  }

  function remember(words) {
    history.replaceState({ ...history.state, looked: words }, "");
    if (words.trim()) return;
    found.replaceChildren();
    show();
  }

  function show() {
    list.hidden = Boolean(found.querySelector("*")) && Boolean(field.value.trim());
  }
}

function htmxReady() {
  return new Promise((resolve) => (document.readyState === "complete" ? resolve() : addEventListener("load", resolve)));
}
