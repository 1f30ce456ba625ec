/**
 * The body, front and back: each half of a site is one radio of a single group with a roving tabindex. One half is
 * drawn; the other is its mirror. On the front the patient's right is on the left of the drawing.
 */
import { h, s } from './dom.js';
import { specialty } from './specialty.js';

const HALVES = {
  front: {
    head: 'M100 4 C86 4 78 14 78 29 C78 45 88 59 100 60Z',
    neck: 'M100 60 C96 60 92 58 89 55 L89 69 C88 74 85 76 81 78 L100 80Z',
    shoulder: 'M81 78 C68 82 54 82 48 96 C46 101 45 107 45 113 L65 113 C66 104 70 96 77 90Z',
    chest: 'M81 78 L100 80 L100 134 L67 134 C66 126 65 120 65 113 C66 104 70 96 77 90Z',
    abdomen: 'M67 134 L100 134 L100 180 L67 180 C69 164 69 150 67 134Z',
    pelvis: 'M67 180 L100 180 L100 214 C94 212 88 208 82 203 L62 200 C64 193 66 187 67 180Z',
    upper_arm: 'M45 113 L65 113 C65 128 63 142 60 155 L41 153 C41 139 43 126 45 113Z',
    forearm: 'M41 153 L60 155 C58 172 52 188 46 202 L33 198 C36 182 39 168 41 153Z',
    hand: 'M33 198 L46 202 C47 214 44 226 38 233 C33 237 27 233 26 224 C26 215 29 206 33 198Z',
    thigh: 'M62 200 L82 203 C88 208 94 212 98 213 C98 236 95 256 92 276 L66 276 C60 250 58 222 62 200Z',
    knee: 'M66 276 L92 276 C91 284 91 290 91 298 L68 298 C68 290 67 284 66 276Z',
    lower_leg: 'M68 298 L91 298 C93 320 89 346 87 370 L72 370 C68 348 63 322 68 298Z',
    foot: 'M72 370 L87 370 C88 378 89 386 88 392 C84 396 68 396 62 392 C62 387 69 380 72 370Z',
  },
  back: {
    scalp_back: 'M100 4 C86 4 78 14 78 29 C78 45 88 59 100 60Z',
    nape: 'M100 60 C96 60 92 58 89 55 L89 69 C88 74 85 76 81 78 L100 80Z',
    shoulder_back: 'M81 78 C68 82 54 82 48 96 C46 101 45 107 45 113 L65 113 C66 104 70 96 77 90Z',
    upper_back: 'M81 78 L100 80 L100 134 L67 134 C66 126 65 120 65 113 C66 104 70 96 77 90Z',
    lower_back: 'M67 134 L100 134 L100 184 L66 184 C69 166 69 150 67 134Z',
    buttock: 'M66 184 L100 184 L100 220 C90 224 76 224 61 216 C61 206 63 194 66 184Z',
    upper_arm_back: 'M45 113 L65 113 C65 128 63 142 60 155 L41 153 C41 139 43 126 45 113Z',
    forearm_back: 'M41 153 L60 155 C58 172 52 188 46 202 L33 198 C36 182 39 168 41 153Z',
    hand_back: 'M33 198 L46 202 C47 214 44 226 38 233 C33 237 27 233 26 224 C26 215 29 206 33 198Z',
    thigh_back: 'M61 216 C76 224 90 224 99 220 C98 240 95 258 92 276 L66 276 C61 254 59 234 61 216Z',
    popliteal: 'M66 276 L92 276 C91 284 91 290 91 298 L68 298 C68 290 67 284 66 276Z',
    calf: 'M68 298 L91 298 C93 320 89 346 87 370 L72 370 C68 348 63 322 68 298Z',
    heel_sole: 'M72 370 L87 370 C88 378 89 386 88 392 C84 396 68 396 62 392 C62 387 69 380 72 370Z',
  },
};
const MIRROR = 'matrix(-1 0 0 1 200 0)';
const FACES = { front: { title: 'Face', sides: ['right', 'left'] }, back: { title: 'Dos', sides: ['left', 'right'] } };
const SIDE_WORDS = { left: 'côté gauche', right: 'côté droit' };
const LETTERS = { left: 'G', right: 'D' };
const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** {drawing, mark(lesion)}; `others` are shown beside it, with their numbers; `onchoose(site, side)` hears a tap, a space or an arrow. */
export function bodyMap(lesion, others, onchoose) {
  const zones = [];
  const figures = Object.keys(FACES).map(face => figure(face, zones, others, choose));
  const drawing = h('div', { class: 'body-map', role: 'radiogroup', 'aria-label': 'Schéma du corps', onkeydown: event => {
    const at = zones.findIndex(zone => zone.path === event.target);
    if (at < 0) return;
    if (ARROWS[event.key]) {
      event.preventDefault();
      const next = zones[(at + ARROWS[event.key] + zones.length) % zones.length];
      choose(next);
      next.path.focus();
    } else if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      choose(zones[at]);
    }
  } }, figures);
  function choose(zone) { onchoose(zone.site, zone.side); }
  function mark(one) {
    const chosen = zones.filter(zone => isAt(one, zone.site, zone.side));
    for (const zone of zones) {
      zone.path.setAttribute('aria-checked', String(chosen.includes(zone)));
      zone.path.setAttribute('tabindex', zone === (chosen[0] ?? zones[0]) ? '0' : '-1');
    }
  }
  mark(lesion);
  return { drawing, mark };
}

const isAt = (lesion, site, side) => lesion.site === site && [side, 'both'].includes(lesion.side);

function figure(face, zones, others, choose) {
  const { title, sides } = FACES[face];
  const labels = new Map(specialty().body_sites.map(site => [site.id, site.label]));
  const paths = Object.entries(HALVES[face]).filter(([id]) => labels.has(id)).flatMap(([site, d]) => sides.map((side, at) => {
    const there = others.filter(other => isAt(other, site, side)).map(({ number }) => `, lésion ${number}`).join('');
    const path = s('path', { d, class: there ? 'other' : null, role: 'radio', tabindex: '-1', 'aria-checked': 'false', 'aria-label': `${labels.get(site)}, ${SIDE_WORDS[side]}${there}`, transform: at ? MIRROR : null });
    const zone = { site, side, path };
    path.addEventListener('click', () => { choose(zone); path.focus({ preventScroll: true }); });
    zones.push(zone);
    return path;
  }));
  const letters = sides.map((side, at) => s('text', { x: at ? '178' : '22', y: '120', 'text-anchor': 'middle', 'aria-hidden': 'true' }, LETTERS[side]));
  return h('figure', {}, s('svg', { viewBox: '12 0 176 400', role: 'presentation' }, paths, letters), h('figcaption', {}, title));
}
