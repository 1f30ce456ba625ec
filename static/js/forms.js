// Forms: the keyboard sends them only on purpose, one press sends them once, what is pasted is understood.

const ONE_LINE = "input:not([type=submit],[type=button],[type=checkbox],[type=radio],[type=file])";

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-submit=shortcut]");
  if (event.key !== "Enter" || !form || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector(".primary[type=submit]") ?? undefined);
  } else if (event.target.matches(ONE_LINE)) {
    event.preventDefault();
  }
});

// A page that answers a form has no address to come back to by GET: Back would ask to send the form again. What is left
// behind in the history is the page where the form was first shown.
const answersForm = document.documentElement.hasAttribute("data-answers-form");
const PLACE = "form-place";

function rememberPlace() {
  if (!answersForm) sessionStorage.setItem(PLACE, location.pathname + location.search);
  else leavePlace();
}

function leavePlace() {
  const place = sessionStorage.getItem(PLACE);
  if (place) history.replaceState(history.state, "", place);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const opensHere = link && !link.target && !link.hasAttribute("download") && !event.ctrlKey && !event.metaKey;
  if (answersForm && opensHere && link.origin === location.origin && link.pathname !== location.pathname) leavePlace();
});

// A second press while the first is on its way sends nothing; a form marked data-keep keeps its text before it leaves.
const sent = new WeakSet();
const keptBefore = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-post], [hx-get], [data-own]")) return;
  if (sent.has(form)) return event.preventDefault();
  if (form.hasAttribute("data-keep") && !keptBefore.has(form)) {
    event.preventDefault();
    keptBefore.add(form);
    const again = () => form.requestSubmit(event.submitter ?? undefined);
    import("./kept.js").then(({ keep }) => keep([form])).then(again, again);
    return;
  }
  if (form.method === "post") {
    sent.add(form);
    rememberPlace();
  }
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.forms) {
    sent.delete(form);
    keptBefore.delete(form);
    form.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
  }
});

// "123 456", "123-456" and full-width digits are the same code.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-code]")) return;
  const digits = field.value.normalize("NFKC").replace(/\D/g, "").slice(0, 6);
  if (digits !== field.value && /^[\d\s-]*$/.test(field.value.normalize("NFKC"))) field.value = digits;
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-date]")) field.value = typedDate(field.value);
  if (field.closest("[data-submits-on-change]")) field.form.requestSubmit();
});

function typedDate(words) {
  const parts = words.trim().match(/^(\d{1,2})[\s./-]?(\d{1,2})[\s./-]?(\d{4})$/);
  return parts ? `${parts[1].padStart(2, "0")}/${parts[2].padStart(2, "0")}/${parts[3]}` : words;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.reveals) reveal(button, document.getElementById(button.dataset.reveals));
  if (button.hasAttribute("data-back")) history.back();
  if (button.hasAttribute("data-reload")) location.reload();
});

function reveal(button, field) {
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
}
