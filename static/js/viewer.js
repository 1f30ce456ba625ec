// The photo viewer: whole by default, to full resolution by wheel, pinch, double tap, buttons and keys; two side by side.

import "./print.js";
import { AT_ONCE, cardOf, Frame } from "./viewer-frame.js";

// A frame that follows another takes its place as it is: the leader has been kept within its bounds already.
const FOLLOW = { silent: true, force: true, contain: undefined };

class Viewer {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.links = [...root.querySelectorAll(".photo-strip [data-photo]")];
    this.level = root.querySelector(".zoom-level");
    this.model = this.stage.querySelector("figure").cloneNode(true);
    this.frames = [new Frame(this.stage.querySelector("figure"), (frame, detail) => this.changed(frame, detail))];
    const first = this.links.find((link) => link.getAttribute("aria-current")) ?? this.links[0];
    this.frames[0].link = first;
    this.frames[0].original = first?.dataset.original ?? "";
    root.addEventListener("click", (event) => this.click(event));
    this.offerCard();
    this.frames[0].mark();
    new ResizeObserver(() => this.frames.forEach((frame) => frame.measure())).observe(this.stage);
  }

  get last() {
    return this.frames[this.frames.length - 1];
  }

  get open() {
    return this.root.matches("dialog") ? this.root.open : !document.querySelector("dialog[open]");
  }

  click(event) {
    const link = event.target.closest("[data-photo]");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.show(link);
    }
    const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (zoom) this.zoom(zoom);
    if (event.target.closest("[data-fullscreen]")) this.fullscreen();
    if (event.target.closest("[data-compare]")) this.compare();
    if (event.target.closest("[data-measure]")) this.measure();
    if (event.target.closest("[data-neutral]")) this.neutral();
    if (event.target.closest("[data-marked]")) this.unmark();
  }

  // Of a picture with a reference card a length can be taken, and its colours seen as the card's greys make them.
  offerCard() {
    const cards = this.frames.map((frame) => cardOf(frame.link));
    this.offer("[data-measure]", cards.some((card) => card?.said));
    this.offer("[data-neutral]", cards.some((card) => card?.gains));
    this.offer("[data-marked]", this.frames.some((frame) => frame.link?.dataset.marks));
    if (!cards.some((card) => card?.said)) this.tellMeasure("");
  }

  offer(selector, there) {
    const button = this.root.querySelector(selector);
    if (button) button.hidden = !there;
  }

  async measure(on = !this.pressed("[data-measure]")) {
    if (this.root.querySelector("[data-measure]")?.hidden !== false) return;
    await this.withCards((measuring) => measuring.activate(on));
    this.press("[data-measure]", on);
    this.tellMeasure(on ? "Touchez les deux bouts de la lésion." : "");
    if (on) this.last.measuring.focus();
  }

  async neutral(on = !this.pressed("[data-neutral]")) {
    await this.withCards((measuring) => measuring.neutralise(on));
    this.press("[data-neutral]", on);
  }

  // The picture without what was drawn beside it, or with it again.
  unmark() {
    const shown = !this.pressed("[data-marked]");
    this.press("[data-marked]", shown);
    for (const frame of this.frames) {
      frame.unmarked = !shown;
      frame.mark();
    }
  }

  async withCards(run) {
    const { Measuring } = await import("./measuring.js");
    for (const frame of this.frames) {
      frame.measuring ??= new Measuring(frame, cardOf(frame.link), (words) => this.tellMeasure(words), () => this.measure(false));
      run(frame.measuring);
    }
  }

  pressed(selector) {
    return this.root.querySelector(selector)?.getAttribute("aria-pressed") === "true";
  }

  press(selector, on) {
    this.root.querySelector(selector)?.setAttribute("aria-pressed", String(on));
  }

  tellMeasure(words) {
    const told = this.root.querySelector("[data-measured]");
    if (!told || told.textContent === words) return;
    const bar = document.createElement("span");
    bar.className = "scale-bar";
    bar.style.bottom = "3rem"; // above the caption
    bar.textContent = words;
    told.replaceChildren(...(words ? [bar] : []));
  }

  show(link) {
    this.last.show(link);
    for (const { measuring } of this.frames) {
      measuring?.activate(false);
      measuring?.neutralise(false);
    }
    this.press("[data-measure]", false);
    this.press("[data-neutral]", false);
    this.tellMeasure("");
    this.mark();
  }

  showById(id) {
    const link = this.links.find((one) => one.dataset.photo === id);
    if (!link) return;
    if (this.root.matches("dialog") && !this.root.open) this.root.showModal();
    this.show(link);
  }

  showLesion(id) {
    const link = this.links.find((one) => one.dataset.of === id);
    if (link && this.last.link?.dataset.of !== id) this.show(link);
  }

  step(by) {
    const place = this.links.indexOf(this.last.link);
    this.show(this.links[(place + by + this.links.length) % this.links.length]);
  }

  zoom(way) {
    const { motion } = this.last;
    if (way === "in") motion.zoomIn(AT_ONCE);
    else if (way === "out") motion.zoomOut(AT_ONCE);
    else this.last.reset();
  }

  toggle() {
    this.last.toggle();
  }

  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }

  compare() {
    const button = this.root.querySelector("[data-compare]");
    if (!button) return;
    const pair = this.frames.length === 1;
    button.setAttribute("aria-pressed", String(pair));
    this.stage.classList.toggle("pair", pair);
    if (pair) {
      const figure = this.model.cloneNode(true);
      this.stage.append(figure);
      this.frames.push(Object.assign(new Frame(figure, (frame, detail) => this.changed(frame, detail)), { unmarked: this.frames[0].unmarked }));
      this.show(this.besides(this.frames[0].link));
    } else {
      this.last.motion.destroy();
      this.last.figure.remove();
      this.frames.pop();
      this.show(this.frames[0].link);
    }
    this.frames[0].reset();
    this.mark();
  }

  // The same view of the same lesion first, the next taken or else the one before; without another, the next picture.
  besides(link) {
    const place = this.links.indexOf(link);
    const same = this.links.filter((one) => one !== link && link?.dataset.takes && one.dataset.takes === link.dataset.takes);
    return same.find((one) => this.links.indexOf(one) > place) ?? same.at(-1) ?? this.links[(place + 1) % this.links.length];
  }

  // Two pictures move as one.
  changed(frame, { x, y, scale }) {
    for (const other of this.frames) {
      if (other === frame) continue;
      other.motion.zoom(scale, FOLLOW);
      other.motion.pan(x, y, FOLLOW);
    }
    this.frames.forEach((one) => one.sharpen(scale));
    this.frames.forEach((one) => one.measuring?.draw());
    const words = scale > 1.01 ? `× ${scale.toLocaleString("fr", { maximumFractionDigits: 1 })}` : "Entière";
    if (this.level.textContent !== words) this.level.textContent = words;
  }

  mark() {
    this.offerCard();
    const shown = this.frames.map((frame) => frame.link);
    for (const link of this.links) {
      if (shown.includes(link)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.last.link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

let viewers = [];

function findViewers() {
  const known = viewers.filter(({ root }) => root.isConnected);
  const fresh = [...document.querySelectorAll("[data-viewer]")].filter((root) => !known.some((one) => one.root === root));
  viewers = [...known, ...fresh.map((root) => new Viewer(root))];
}

findViewers();
document.addEventListener("htmx:load", findViewers);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-viewer-strip] [data-photo]");
  if (!link || link.closest("[data-viewer]") || event.ctrlKey || event.metaKey) return;
  const viewer = viewers.find(({ root }) => root.id === link.closest("[data-viewer-strip]").dataset.viewerStrip);
  if (!viewer) return;
  event.preventDefault();
  viewer.showById(link.dataset.photo);
});

document.addEventListener("lesion-shown", ({ detail }) => viewers.find((one) => one.open && one.links.length)?.showLesion(detail));

const KEYS = {
  ArrowLeft: (viewer) => viewer.step(-1),
  ArrowRight: (viewer) => viewer.step(1),
  z: (viewer) => viewer.toggle(),
  "+": (viewer) => viewer.zoom("in"),
  "-": (viewer) => viewer.zoom("out"),
  0: (viewer) => viewer.zoom("whole"),
  f: (viewer) => viewer.fullscreen(),
  c: (viewer) => viewer.compare(),
  e: (viewer) => viewer.measure(),
};

document.addEventListener("keydown", (event) => {
  const run = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;
  if (!run || busy || event.target.closest("input, textarea, select, [contenteditable], [role=listbox]")) return;
  const viewer = viewers.find((one) => one.open && one.links.length);
  if (!viewer) return;
  event.preventDefault();
  run(viewer);
});
