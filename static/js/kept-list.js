// The cases that this device keeps, each with its date, on a page that stands in for another without network.

import { h, renew } from "./wizard/dom.js";
import { keptCases, whenKept } from "./wizard/kept-cases.js";

const row = ({ id, name, number, words, at }) => h("li", { class: "case-row" },
  h("a", { href: `/cases/${id}`, translate: "no" }, name || number),
  h("p", { class: "small" }, `${number} · ${words}`),
  h("p", { class: "small soft" }, `Copie du ${whenKept(at)}`));

export async function listKept() {
  const box = document.getElementById("kept-cases");
  const rows = (await keptCases()).map(row);
  box.hidden = !rows.length;
  if (!rows.length) return 0;
  renew(box, h("section", { class: "stack edge-to-edge", "aria-labelledby": "kept-title" },
    h("h2", { class: "list-title", id: "kept-title" }, "À lire sans réseau ", h("span", { class: "count" }, String(rows.length))),
    h("ul", { class: "case-list" }, rows)));
  return rows.length;
}
