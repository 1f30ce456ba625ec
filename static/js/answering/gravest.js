// Several lesions: the case takes the gravest of their destinations, and may only be raised above it.

export function watchGravest(form) {
  const said = form.querySelector("[data-gravest]");
  if (!said) return;
  const whole = [...form.querySelectorAll("[name=destination]")]; // from the lightest to the gravest
  const nothing = said.textContent;
  const rankOf = (name) => whole.findIndex(({ value }) => value === form.querySelector(`[name="${CSS.escape(name)}"]:checked`)?.value);
  const lesions = [...new Set([...form.querySelectorAll('.lesion [name$=".destination"]')].map(({ name }) => name))];
  const worst = () => Math.max(...lesions.map(rankOf));
  let raised = rankOf("destination") > worst() ? rankOf("destination") : -1;

  function settle() {
    const lightest = worst();
    const taken = Math.max(raised, lightest);
    for (const [rank, choice] of whole.entries()) {
      choice.checked = rank === taken;
      choice.disabled = rank < lightest;
    }
    said.textContent = taken < 0 ? nothing : whole[taken].labels[0].textContent.trim();
  }

  form.addEventListener("change", ({ target }) => {
    if (target.name === "destination") raised = rankOf("destination") > worst() ? rankOf("destination") : -1;
    settle();
  });
  settle();
}

// The destinations of the lesion that is being answered; those of the case where it is alone.
export function shownDestinations(form) {
  const own = form?.querySelectorAll('.lesion:not([hidden]) [name$=".destination"]') ?? [];
  return own.length ? own : form?.querySelectorAll("[name=destination]") ?? [];
}
