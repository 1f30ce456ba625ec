// Judges raw RGBA pictures with the phone’s own module, copied beside it. Each line of the input: {"file", "width", "height", "side",
// "live"}; each line of the output: what the module says, and the milliseconds it took.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { judge, look } from "./camera/measures.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { file, width, height, side, live } = JSON.parse(line);
  const picture = { data: new Uint8ClampedArray(readFileSync(file)), width, height };
  const began = performance.now();
  const said = live ? look(picture) : judge(picture, side);
  console.log(JSON.stringify({ ...said, ms: performance.now() - began }));
}
