// "À revoir dans … semaines": a number ticks the box, a box that is cleared forgets its number.

export function watchFollowUp(form) {
  const { follow_up: tick, follow_up_weeks: weeks } = form.elements;

  weeks.addEventListener("input", () => {
    if (weeks.value.trim()) tick.checked = true;
  });
  tick.addEventListener("change", () => {
    if (tick.checked) weeks.focus();
    else weeks.value = "";
  });
}
