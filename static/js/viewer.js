// The photo viewer: whole by default, to full resolution by wheel, pinch, double tap, buttons and keys; two side by side.

import "../vendor/panzoom-4.6.2.min.js";

const { Panzoom } = globalThis;
// Never animated: bounds are measured on the screen, and half-way through a motion they would be wrong.
const AT_ONCE = { animate: false };
const CLOSE = 2.5;
const STEP = 0.35;
// What EXIF's orientation asks of the pixels, as a matrix.
const TURNS = { 2: [-1, 0, 0, 1], 3: [-1, 0, 0, -1], 4: [1, 0, 0, -1], 5: [0, 1, 1, 0], 6: [0, 1, -1, 0], 7: [0, -1, -1, 0], 8: [0, -1, 1, 0] };
// A frame that follows another takes its place as it is: the leader has been kept within its bounds already.
const FOLLOW = { silent: true, force: true, contain: undefined };

class Frame {
  constructor(figure, onChange) {
    this.figure = figure;
    this.moved = figure.querySelector(".zoomed");
    this.image = figure.querySelector("img");
    this.caption = figure.querySelector("figcaption");
    this.motion = Panzoom(this.moved, {
      minScale: 1, maxScale: 8, step: STEP, contain: "outside", panOnlyWhenZoomed: true,
    });
    this.moved.addEventListener("panzoomchange", ({ detail }) => onChange(this, detail));
    this.moved.parentElement.addEventListener("wheel", (event) => this.motion.zoomWithWheel(event), { passive: false });
    this.image.addEventListener("load", () => this.measure());
    if (this.image.complete && this.image.naturalWidth) this.measure();
    watchDoubleTap(this.moved.parentElement, (point) => this.measuring?.active || this.toggle(point));
  }

  // The upright picture's sides, in its own pixels.
  get sides() {
    const { naturalWidth: across, naturalHeight: down } = this.image;
    return this.turned > 4 ? [down, across] : [across, down];
  }

  // The picture lies in its frame, or across it where it is turned by a quarter.
  stand() {
    const { style } = this.image;
    const lying = this.turned > 4;
    const { clientWidth, clientHeight } = this.moved.parentElement;
    style.position = this.turned ? "absolute" : "";
    style.width = lying ? `${clientHeight}px` : "";
    style.height = lying ? `${clientWidth}px` : "";
    style.left = lying ? `${(clientWidth - clientHeight) / 2}px` : "";
    style.top = lying ? `${(clientHeight - clientWidth) / 2}px` : "";
    style.maxWidth = lying ? "none" : "";
    style.transform = this.turned ? `matrix(${TURNS[this.turned]}, 0, 0)` : "";
  }

  // At the largest scale one pixel of the picture covers two of the screen.
  measure() {
    const { clientWidth, clientHeight } = this.moved.parentElement;
    const [across, down] = this.sides;
    if (!across || !clientWidth) return;
    this.fit = Math.min(clientWidth / across, clientHeight / down);
    this.motion.setOptions({ maxScale: Math.max(4, 2 / this.fit) });
    this.stand();
    this.measuring?.draw();
  }

  show(link) {
    this.link = link;
    this.original = link.dataset.original ?? "";
    this.image.hidden = false;
    this.image.className = "";
    this.turned = 0;
    this.stand();
    this.measuring?.begin(cardOf(link));
    this.image.src = link.href;
    this.image.alt = link.dataset.alt;
    this.caption.textContent = link.dataset.caption;
    this.reset();
  }

  reset() {
    this.motion.reset(AT_ONCE);
  }

  toggle(point = null) {
    if (this.motion.getScale() > 1.01) return this.reset();
    return point ? this.motion.zoomToPoint(CLOSE, point) : this.motion.zoom(CLOSE);
  }

  // The diagnostic picture has fewer pixels than the zoom asks for: fetch the one at its own resolution.
  async sharpen(scale) {
    if (!this.original || !this.fit || scale * this.fit * devicePixelRatio <= 1) return;
    const address = this.original;
    this.original = "";
    const picture = new Image();
    picture.src = address;
    try {
      await picture.decode();
      if (this.link?.dataset.original !== address) return;
      this.image.src = address;
      // The original is stored as the camera wrote it; how it stands is told beside it.
      this.turned = Number(this.link.dataset.turn ?? 0);
      this.image.className = this.turned ? `turned turned-${this.turned}` : "";
      this.stand();
    } catch {
      this.original = address; // No network: the diagnostic picture stays, the next zoom tries again.
    }
  }
}

function cardOf(link) {
  return link?.dataset.card ? JSON.parse(link.dataset.card) : null;
}

function watchDoubleTap(element, run) {
  let last = { at: 0, x: 0, y: 0 };
  let down = null;
  // Panzoom stops these events on the picture: they are heard on their way down.
  element.addEventListener("pointerdown", (event) => (down = event.isPrimary ? event : null), true);
  element.addEventListener("pointerup", (event) => {
    const still = down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 10;
    if (!event.isPrimary || !still) return;
    const again = event.timeStamp - last.at < 350 && Math.hypot(event.clientX - last.x, event.clientY - last.y) < 30;
    last = again ? { at: 0, x: 0, y: 0 } : { at: event.timeStamp, x: event.clientX, y: event.clientY };
    if (again) run(event);
  }, true);
}

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
  }

  // Of a picture with a reference card a length can be taken, and its colours seen as the card's greys make them.
  offerCard() {
    const cards = this.frames.map((frame) => cardOf(frame.link));
    this.offer("[data-measure]", cards.some((card) => card?.said));
    this.offer("[data-neutral]", cards.some((card) => card?.gains));
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
      this.frames.push(new Frame(figure, (frame, detail) => this.changed(frame, detail)));
      this.show(this.links[(this.links.indexOf(this.frames[0].link) + 1) % this.links.length]);
    } else {
      this.last.motion.destroy();
      this.last.figure.remove();
      this.frames.pop();
      this.show(this.frames[0].link);
    }
    this.frames[0].reset();
    this.mark();
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

// On paper each photo is whole and at its diagnostic size; the button waits until they are there.
function enlarge() {
  return [...document.querySelectorAll(".photo-strip [data-photo]")].map((link) => {
    const image = link.querySelector("img");
    if (image.src !== link.href) image.src = link.href;
    return image;
  });
}
addEventListener("beforeprint", enlarge);
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-print]")) return;
  await Promise.allSettled(enlarge().map((image) => image.decode()));
  print();
});
