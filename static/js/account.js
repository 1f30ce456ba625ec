// The account's own pages: when another code may be asked for, how far the password typed so far goes, and what was kept.

const SHORTEST = 12;

for (const form of document.querySelectorAll("[data-resend]")) waitToResend(form, Number(form.dataset.resend));
for (const field of document.querySelectorAll("[data-strength]")) {
  const words = document.getElementById(field.dataset.strength);
  field.addEventListener("input", () => tellStrength(field.value, words));
}
// The server kept this form: what the tab kept of it as well (kept.js) must not come back once it is sent or dropped.
for (const form of document.querySelectorAll("[data-held]")) {
  form.addEventListener("submit", () => sessionStorage.removeItem("kept-text"));
}

function waitToResend(form, seconds) {
  const wait = form.querySelector("[data-resend-wait]");
  const ask = form.querySelector("[data-resend-ask]");
  if (!wait || seconds <= 0) return;
  const end = performance.now() + seconds * 1000;
  const left = wait.querySelector("[data-resend-left]");
  const spent = wait.querySelector(".spent");
  const show = () => {
    const rest = Math.ceil((end - performance.now()) / 1000);
    wait.hidden = rest <= 0;
    ask.hidden = rest > 0;
    left.textContent = `${rest}\u00a0s`;
    spent.setAttribute("stroke-dasharray", `${Math.round(100 - (100 * rest) / seconds)} 100`);
    if (rest <= 0) clearInterval(ticking);
  };
  const ticking = setInterval(show, 1000);
  show();
}

function tellStrength(password, words) {
  words.hidden = password === "";
  words.textContent = strengthOf(password);
}

function strengthOf(password) {
  const missing = SHORTEST - [...password].length;
  if (missing > 0) return `Encore ${missing}\u00a0caractère${missing > 1 ? "s" : ""}.`;
  if (new Set(password.toLowerCase()).size < 5) return "Trop de signes qui se répètent.";
  return missing > -6 ? "Assez long." : "Bien long\u00a0: difficile à deviner.";
}
