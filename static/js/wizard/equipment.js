/** What handles pictures: brought in while the patient is being named, so that the first screen waits for none of it. */
import { lookForCamera } from './camera-here.js';
import { Pictures } from './pictures.js';
import { Queue } from './queue.js';
import { tellRoom } from './room.js';
import { transferLine } from './transfer.js';

export async function equip(w) {
  const pictures = new Pictures(w.draft);
  const queue = new Queue(w.draft, pictures);
  await Promise.all([pictures.load(), lookForCamera()]);
  Object.assign(w, { pictures, queue, transferLine: () => transferLine(w) });
  queue.kick();
  tellRoom(w);
}
