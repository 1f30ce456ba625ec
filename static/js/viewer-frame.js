// One picture of the viewer in its frame: whole, zoomed, upright, and sharp where the zoom asks for more than it has.

import "../vendor/panzoom-4.6.2.min.js";

const { Panzoom } = globalThis;
// Never animated: bounds are measured on the screen, and half-way through a motion they would be wrong.
export const AT_ONCE = { animate: false };
const CLOSE = 2.5;
const STEP = 0.35;
// What EXIF's orientation asks of the pixels, as a matrix.
const TURNS = { 2: [-1, 0, 0, 1], 3: [-1, 0, 0, -1], 4: [1, 0, 0, -1], 5: [0, 1, 1, 0], 6: [0, 1, -1, 0], 7: [0, -1, -1, 0], 8: [0, -1, 1, 0] };

export class Frame {
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
    this.mark();
  }

  // What the requester drew beside the picture lies over it, and moves with it.
  async mark() {
    this.marks?.remove();
    this.marks = null;
    const { link } = this;
    if (!link?.dataset.marks || this.unmarked) return;
    const { drawnOver } = await import("./marks.js");
    const [across, down] = this.sides;
    if (this.link !== link || this.unmarked || this.marks || !across) return;
    this.marks = drawnOver(JSON.parse(link.dataset.marks), across, down);
    this.moved.append(this.marks);
  }

  show(link) {
    this.link = link;
    this.original = link.dataset.original ?? "";
    this.image.hidden = false;
    this.image.className = "";
    this.turned = 0;
    this.stand();
    this.measuring?.begin(cardOf(link));
    this.mark();
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

// The reference card that was read on a picture, null without one.
export function cardOf(link) {
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
