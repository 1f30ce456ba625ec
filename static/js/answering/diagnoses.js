// The diagnosis: any words, and beside them a code of CIM-10 chosen from what the server finds while one types.

import { announce } from "../announce.js";

const PAUSE = 120;
const found = new Map();

export function watchDiagnoses(form) {
  form.querySelectorAll("[data-combobox]").forEach((field) => new Combobox(field));
}

class Combobox {
  constructor(field) {
    this.address = field.dataset.combobox;
    this.input = field.querySelector("[role=combobox]");
    this.list = field.querySelector("[role=listbox]");
    this.code = field.querySelector("input[type=hidden]");
    this.mark = field.querySelector(".code-mark");
    this.place = -1;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.mark.addEventListener("click", () => {
      this.keep("");
      this.input.focus();
    });
    this.code.addEventListener("change", () => this.show());
  }

  typed() {
    clearTimeout(this.timer);
    if (!this.input.value.trim()) this.keep("");
    this.timer = setTimeout(() => this.search(this.input.value.trim()), PAUSE);
  }

  async search(words) {
    if (words.length < 2) return this.close();
    try {
      const rows = found.get(words) ?? (await ask(`${this.address}?q=${encodeURIComponent(words)}`));
      found.set(words, rows);
      if (this.input.value.trim() === words && document.activeElement === this.input) this.open(rows);
    } catch {
      this.close(); // No network: the words are a diagnosis without a code.
    }
  }

  open(rows) {
    this.place = -1;
    this.list.replaceChildren(...rows.map((row, place) => this.option(row, place)));
    this.list.hidden = !rows.length;
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    announce(rows.length ? `${rows.length} propositions` : "Pas de code proposé : votre texte suffit.");
  }

  option({ code, label }, place) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${place}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.code = code;
    row.dataset.label = label;
    row.append(document.createTextNode(label), " ", Object.assign(document.createElement("small"), { textContent: code }));
    return row;
  }

  key(event) {
    const rows = [...this.list.children];
    if (this.list.hidden) {
      if (event.key === "ArrowDown" && this.input.value.trim().length > 1) {
        event.preventDefault();
        this.search(this.input.value.trim());
      }
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.point(rows, (this.place + step + rows.length) % rows.length);
    } else if (event.key === "Enter" && this.place >= 0 && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.choose(rows[this.place]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }

  point(rows, place) {
    this.place = place;
    rows.forEach((row, one) => row.setAttribute("aria-selected", String(one === place)));
    rows[place].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", rows[place].id);
  }

  choose(row) {
    if (!row) return;
    this.input.value = row.dataset.label;
    this.keep(row.dataset.code);
    this.close();
  }

  keep(code) {
    if (this.code.value === code) return;
    this.code.value = code;
    this.code.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    const code = this.code.value;
    this.mark.hidden = !code;
    this.mark.textContent = code;
    this.mark.setAttribute("aria-label", `Retirer le code ${code}`);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json", "HX-Request": "true" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).found;
}
