// An arrow and a circle beside a picture, never in it: from a tail to a tip, from a centre to a point of the rim. Places
// are shares of the upright picture's width and height, so that neither zoom nor turn nor file matters.

const SVG = "http://www.w3.org/2000/svg";
const STROKES = [["#000", 6], ["#fff", 3]]; // seen on every skin
const HEAD = 0.05; // of the shorter side
const OPEN = 0.5; // radians between the shaft and each side of the head

// Laid over a picture of these sides that is shown whole in the same room.
export function drawnOver(marks, across, down) {
  const sheet = made("svg", { viewBox: `0 0 ${across} ${down}`, preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true", class: "marks" });
  Object.assign(sheet.style, { position: "absolute", inset: "0", width: "100%", height: "100%", pointerEvents: "none" });
  for (const mark of marks) {
    for (const [stroke, width] of STROKES) {
      sheet.append(made(...shapeOf(mark, across, down), { fill: "none", stroke, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke" }));
    }
  }
  return sheet;
}

function shapeOf({ shape, start, end }, across, down) {
  const [[fromX, fromY], [toX, toY]] = [start, end].map(([x, y]) => [x * across, y * down]);
  if (shape === "circle") return ["circle", { cx: fromX, cy: fromY, r: Math.hypot(toX - fromX, toY - fromY) }];
  const back = Math.atan2(fromY - toY, fromX - toX);
  const side = (turn) => {
    const length = HEAD * Math.min(across, down);
    return `${toX + length * Math.cos(back + turn)} ${toY + length * Math.sin(back + turn)}`;
  };
  return ["path", { d: `M ${fromX} ${fromY} L ${toX} ${toY} M ${side(OPEN)} L ${toX} ${toY} L ${side(-OPEN)}` }];
}

function made(name, ...attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(Object.assign({}, ...attributes))) element.setAttribute(attribute, value);
  return element;
}
