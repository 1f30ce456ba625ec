// Several lesions: one tab each, with arrows; a tab shows its lesion's pictures, and tells when it is answered.

export function watchTabs(form) {
  const tabs = [...form.querySelectorAll("[role=tab]")];
  if (!tabs.length) return;
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(tabs, place));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const to = key === "Home" ? 0 : key === "End" ? tabs.length - 1 : step ? (place + step + tabs.length) % tabs.length : -1;
      if (to < 0) return;
      select(tabs, to);
      tabs[to].focus();
    });
  }
  const tell = () => tabs.forEach((tab) => (tab.querySelector(".done-mark").hidden = !isAnswered(panelOf(tab))));
  form.addEventListener("input", tell);
  form.addEventListener("change", tell);
  tell();
}

export function shownLesion(form) {
  return form.querySelector(".lesion:not([hidden]) [data-lesion]").dataset.lesion;
}

function select(tabs, place) {
  for (const [one, tab] of tabs.entries()) {
    tab.setAttribute("aria-selected", String(one === place));
    tab.tabIndex = one === place ? 0 : -1;
    panelOf(tab).hidden = one !== place;
  }
  const { value: lesion } = panelOf(tabs[place]).querySelector('[name$=".lesion"]');
  document.dispatchEvent(new CustomEvent("lesion-shown", { detail: lesion }));
}

function panelOf(tab) {
  return document.getElementById(tab.getAttribute("aria-controls"));
}

function isAnswered(panel) {
  const value = (name) => panel.querySelector(`[name$=".${name}"]`)?.value.trim();
  const impossible = panel.querySelector('[name$=".certainty"][value=impossible]')?.checked;
  const leads = panel.querySelector('[name$=".destination"]:checked');
  return Boolean((value("diagnosis") || impossible) && value("conduct") && leads);
}
