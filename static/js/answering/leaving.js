// The twenty seconds in which a signature can be taken back: counted for the eyes, said once, then the way back is gone.

const form = document.querySelector("[data-leaves-in]");

if (form) {
  const until = performance.now() + Number(form.dataset.leavesIn) * 1000;
  const left = form.querySelector(".left");
  const said = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: left.textContent });
  left.setAttribute("aria-hidden", "true");
  left.after(said);

  const count = setInterval(() => {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    if (seconds > 0) return void (left.textContent = `${seconds}\u00a0s`);
    clearInterval(count);
    const gone = Object.assign(document.createElement("p"), { className: "toast", textContent: "L’avis est parti." });
    form.replaceWith(gone);
    return setTimeout(() => gone.remove(), 8000);
  }, 250);
}
