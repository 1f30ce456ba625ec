// The opinion is kept at every change. One save at a time; what cannot be kept says so, stays on screen and is tried again.

import { markSaved } from "../unsent.js";
import { Refusal, SignedOut, completedSince, freshPage, leave, pageAddress, send } from "./talk.js";
import { clearErrors, showErrors } from "./fields.js";

const PAUSE = 900;
const LOOK_AGAIN = 60_000;
const RETRIES = [3, 8, 20, 30];

export class Autosave {
  constructor(form) {
    this.form = form;
    this.status = document.getElementById("saving");
    this.running = null;
    this.dirty = false;
    this.stopped = false;
    this.tries = 0;
    this.base = snapshot(form);
    document.addEventListener("input", (event) => event.target.form === form && this.changed());
    document.addEventListener("change", (event) => event.target.form === form && this.changed(0));
    addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.look();
      else if (this.dirty) this.save({ keepalive: true });
    });
    setInterval(() => document.hidden || this.look(), LOOK_AGAIN);
  }

  changed(pause = PAUSE) {
    if (this.stopped) return;
    // From the first sign on nothing says "kept" any more of what is not; what a failed save says stays until the next.
    if (!this.dirty) this.tell("Enregistrement…");
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause || 250);
  }

  // What is being saved, and whatever changed meanwhile, is done when this ends.
  async settle() {
    clearTimeout(this.timer);
    await this.running;
  }

  save(options) {
    clearTimeout(this.timer);
    if (this.stopped) return this.running;
    this.running = (this.running ?? Promise.resolve()).then(() => this.once(options));
    return this.running;
  }

  async once(options) {
    if (!this.dirty || this.stopped) return;
    this.dirty = false;
    this.tell("Enregistrement…");
    const sent = snapshot(this.form);
    try {
      const told = await send(this.form, "save", options);
      this.form.elements.revision.value = told.revision;
      this.tries = 0;
      this.base = sent;
      if (told.completed) this.completed(told.completed);
      if (!this.dirty) {
        markSaved(this.form);
        clearErrors(this.form, "save");
        this.tell(told.saved, "check");
      }
    } catch (error) {
      this.dirty = true;
      await this.failed(error);
    }
  }

  async failed(error) {
    if (error instanceof SignedOut) return this.signInAgain(error.target);
    if (!(error instanceof Refusal)) return this.later(navigator.onLine ? "Pas de réponse du serveur" : "Hors connexion");
    if (error.status === 422) {
      showErrors(this.form, error.fields, "save");
      return this.tell("Pas encore enregistré : un champ est à revoir", "circle-alert", "warn");
    }
    if (error.code === "opinion_changed") return this.conflict(error);
    if (error.status >= 500 || error.status === 429) return this.later("Le serveur ne répond pas");
    this.stopped = true;
    return this.tell(`${error.message || "Cette demande n’est plus à vous."} Votre texte reste à l’écran.`, "circle-alert", "warn");
  }

  later(why) {
    const wait = RETRIES[Math.min(this.tries, RETRIES.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.save(), wait * 1000);
    this.tell(`${why} : votre texte est gardé à l’écran, nouvel essai dans ${wait} s`, "wifi-off", "warn");
  }

  async signInAgain(target) {
    const { keep } = await import("../kept.js");
    await keep([this.form]).catch(() => null);
    leave(target);
  }

  // Saved elsewhere meanwhile: nothing is written over. Both texts stay until the person has chosen.
  conflict(error) {
    this.stopped = true;
    this.notice("opinion-conflict", error.message, "Comparer et choisir", () => this.compare(error.message));
    this.tell("Pas enregistré : cet avis a changé ailleurs", "circle-alert", "warn");
  }

  async compare(said) {
    const theirs = (await freshPage()).getElementById("opinion");
    if (!theirs) return leave(pageAddress().href);
    if (!(await this.chooseWith(theirs, "Deux textes de cet avis", said))) return undefined;
    this.form.elements.revision.value = theirs.elements.revision.value;
    document.getElementById("opinion-conflict").hidden = true;
    this.stopped = false;
    this.dirty = true;
    return this.save();
  }

  // A colleague's text beside the person's own, which stays until they choose.
  async comparePrepared(said) {
    const address = pageAddress();
    address.searchParams.set("text", "prepared");
    const theirs = (await freshPage(address)).getElementById("opinion");
    if (theirs && (await this.chooseWith(theirs, "Deux textes de cet avis", said, false))) this.changed(0);
  }

  async chooseWith(theirs, heading, said, fromOneText = true) {
    const { choose, written } = await import("./comparing.js");
    const base = fromOneText ? { then: this.base, now: written(this.form) } : null;
    return choose(this.form, theirs, base, { heading, said });
  }

  // Somebody who reads and does not type is told as well.
  async look() {
    const seen = this.form.elements.case_revision.value;
    const told = await completedSince(seen).catch(() => "");
    if (told && document.getElementById("request-completed").hidden) this.completed(told);
  }

  // The request changed under the opinion: told at once, and nothing of the text moves.
  completed(words) {
    this.notice("request-completed", words, "Voir ce qui a changé", () => this.readAgain());
  }

  // The request as it stands now, with all that was typed: it is saved first. Tells whether it was.
  async readAgain() {
    this.dirty = true;
    await this.save();
    if (this.dirty) return false;
    const here = pageAddress();
    here.searchParams.set("changed", "1");
    here.searchParams.set("since", this.form.elements.case_revision.value);
    leave(here.href);
    return true;
  }

  notice(id, words, label, run) {
    const notice = document.getElementById(id);
    notice.className = "notice warn";
    notice.setAttribute("role", "alert");
    const said = Object.assign(document.createElement("p"), { textContent: words });
    const act = document.createElement("p");
    act.append(button(label, run));
    notice.replaceChildren(sign(id === "request-completed" ? "circle-plus" : "triangle-alert"), said, act);
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
  }

  tell(words, icon = "", tone = "") {
    this.status.className = `row small saving ${tone || "soft"}`;
    const span = Object.assign(document.createElement("span"), { textContent: words });
    this.status.replaceChildren(...(icon ? [sign(icon)] : []), span);
  }
}

// What stands in the form: name → values.
function snapshot(form) {
  const found = {};
  for (const [name, value] of new FormData(form)) (found[name] ??= []).push(value);
  return found;
}

function button(label, run) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label });
  made.addEventListener("click", run);
  return made;
}

function sign(name) {
  const sprite = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
