// Millimetres between two taps, through the plane of the reference card; and the colours that its greys make neutral.
// Places are shares of the upright picture's width and height, so that neither zoom nor turn nor file matters.

const SVG = "http://www.w3.org/2000/svg";
const STILL = 10; // pixels that a tap may move
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PLANE = "valable dans le plan de la carte";
const HOW = "Mesure sur la photo. Flèches pour déplacer le repère, Maj pour aller finement, Entrée pour poser un bout, Échap pour quitter.";

let filters = 0;

// Where a place lies on the card's plane, in millimetres; nothing for one behind the camera.
export function placeOf({ map: [a, b, c, d, e, f, g, h, i] }, [u, v]) {
  const below = g * u + h * v + i;
  return below > 1e-9 ? [(a * u + b * v + c) / below, (d * u + e * v + f) / below] : null;
}

// The length between two places, and what may be said of it: "scale", "approximate" or nothing.
export function lengthOf(card, one, other) {
  const ends = [placeOf(card, one), placeOf(card, other)];
  if (ends.includes(null)) return { mm: NaN, said: "" };
  const [wide, high] = card.size;
  const far = Math.max(...ends.map(([x, y]) => Math.hypot(Math.max(-x, 0, x - wide), Math.max(-y, 0, y - high))));
  const [sure, most] = card.reach;
  const said = far > most ? "" : card.said === "scale" && far > sure ? "approximate" : card.said;
  return { mm: Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]), said };
}

export function words({ mm, said }) {
  if (said === "scale") return `${mm.toLocaleString("fr", { minimumFractionDigits: 1, maximumFractionDigits: 1 })}\u00a0mm, échelle, ${PLANE}`;
  if (said === "approximate") return `environ ${Math.round(mm)}\u00a0mm, échelle approximative, ${PLANE}`;
  return "Pas d’échelle ici\u00a0: trop loin de la carte-repère.";
}

export class Measuring {
  constructor(frame, card, tell, leave) {
    Object.assign(this, { frame, tell, leave });
    this.sheet = document.createElement("div");
    Object.assign(this.sheet.style, { position: "absolute", inset: "0", pointerEvents: "none" });
    this.sheet.setAttribute("role", "application");
    this.sheet.setAttribute("aria-label", HOW);
    this.sheet.hidden = true;
    this.drawing = made("svg", { width: "100%", height: "100%", "aria-hidden": "true" });
    this.sheet.append(this.drawing);
    this.room = frame.moved.parentElement;
    this.room.append(this.sheet);
    this.sheet.addEventListener("keydown", (event) => this.key(event));
    this.watchTaps();
    this.begin(card);
  }

  // Another picture: nothing is measured on it yet, and its colours are its own.
  begin(card) {
    this.card = card;
    this.neutralise(false);
    this.activate(false);
  }

  activate(on) {
    this.active = Boolean(on && this.card?.said);
    this.ends = [];
    this.cursor = [0.5, 0.5];
    this.sheet.hidden = !this.active;
    if (this.active) this.sheet.tabIndex = 0;
    else this.sheet.removeAttribute("tabindex");
    this.room.style.cursor = this.active ? "crosshair" : "";
    this.draw();
  }

  focus() {
    if (this.active) this.sheet.focus({ preventScroll: true });
  }

  // Gains apply to light, not to its encoding; the picture's own bytes are never touched.
  neutralise(on) {
    this.filter?.remove();
    this.filter = null;
    const there = on && this.card?.gains;
    this.frame.image.style.filter = "";
    if (!there) return;
    const [red, green, blue] = this.card.gains;
    const id = `neutral-${++filters}`;
    this.filter = made("svg", { width: "0", height: "0", "aria-hidden": "true" });
    this.filter.style.position = "absolute";
    const filter = made("filter", { id, "color-interpolation-filters": "linearRGB" });
    filter.append(made("feColorMatrix", { type: "matrix", values: `${red} 0 0 0 0 0 ${green} 0 0 0 0 0 ${blue} 0 0 0 0 0 1 0` }));
    this.filter.append(filter);
    this.room.append(this.filter);
    this.frame.image.style.filter = `url("#${id}")`;
  }

  watchTaps() {
    let down = null;
    this.room.addEventListener("pointerdown", (event) => (down = event.isPrimary ? event : null), true);
    this.room.addEventListener("pointerup", (event) => {
      const still = down && event.isPrimary && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < STILL;
      if (this.active && still) this.put(this.shareAt(event.clientX, event.clientY));
    }, true);
  }

  key(event) {
    const step = STEPS[event.key];
    if (step) {
      const fine = event.shiftKey ? 0.001 : 0.01;
      this.cursor = this.cursor.map((share, axis) => Math.min(1, Math.max(0, share + step[axis] * fine)));
      this.keyed = true;
      this.draw();
    } else if (event.key === "Enter" || event.key === " ") {
      this.keyed = true;
      this.put(this.cursor);
    } else if (event.key === "Escape") {
      this.leave();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  put(share) {
    if (share.some((one) => one < 0 || one > 1)) return;
    this.ends = this.ends.length === 2 ? [share] : [...this.ends, share];
    this.cursor = share;
    this.draw();
    this.tell(this.ends.length === 2 ? words(lengthOf(this.card, ...this.ends)) : "Touchez l’autre bout.");
  }

  // The upright picture as it lies on the screen, zoomed or not.
  get shown() {
    const box = this.frame.moved.getBoundingClientRect();
    const [across, down] = this.frame.sides;
    const fit = Math.min(box.width / across, box.height / down);
    const [width, height] = [across * fit, down * fit];
    return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height };
  }

  shareAt(x, y) {
    const { left, top, width, height } = this.shown;
    return [(x - left) / width, (y - top) / height];
  }

  draw() {
    this.drawing.replaceChildren();
    if (!this.active) return;
    const { left, top, width, height } = this.shown;
    const room = this.room.getBoundingClientRect();
    const at = ([u, v]) => [left - room.left + u * width, top - room.top + v * height];
    const ends = this.ends.map(at);
    for (const [colour, thick] of [["#000", 4], ["#fff", 2]]) {
      const line = { stroke: colour, "stroke-width": thick, fill: "none" };
      if (ends.length === 2) this.drawing.append(made("path", { ...line, d: `M${ends[0]}L${ends[1]}` }));
      for (const [x, y] of ends) this.drawing.append(made("path", { ...line, d: `M${x - 8} ${y}h16M${x} ${y - 8}v16` }));
      if (this.keyed) {
        const [x, y] = at(this.cursor);
        this.drawing.append(made("circle", { ...line, cx: x, cy: y, r: 10 }));
      }
    }
  }
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
