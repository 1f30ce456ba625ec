/** Whether somebody is at this page: what it sends while nobody has touched it for a minute is sent by itself, and puts off no lock. */
import { BY_ITSELF, speaker } from './api.js';

const SOON = 60e3;
const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'input', 'change'];

let touched = Date.now(); // to open a page is an act

for (const name of TOUCHES) addEventListener(name, ({ isTrusted }) => { if (isTrusted) touched = Date.now(); }, { passive: true, capture: true });

speaker.away = () => Date.now() - touched > SOON && BY_ITSELF;
