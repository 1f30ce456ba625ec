/** What a view must show, drawn in its frame: told apart at arm's length. */
import { s } from './dom.js';

const CORNERS = 'M4 44V20A16 16 0 0 1 20 4h24M196 4h24a16 16 0 0 1 16 16v24M236 136v24a16 16 0 0 1-16 16h-24M44 176H20a16 16 0 0 1-16-16v-24';
const SPOT = 'M96 92c2-16 14-24 28-21 15 3 24 13 21 26-3 14-16 22-29 19-13-2-22-11-20-24Z';
const SMALL_SPOT = 'M112 94a8 8 0 1 0 16 0 8 8 0 1 0-16 0Z';
const TRUNK = 'M74 178c4-34 4-62-6-86-4-12 2-24 14-28l22-8V34h32v22l22 8c12 4 18 16 14 28-10 24-10 52-6 86';
const BODY = 'M120 20a14 14 0 1 1 0 28 14 14 0 0 1 0-28ZM98 54h44c10 0 14 8 15 18l5 38M98 54c-10 0-14 8-15 18l-5 38M100 60l-2 50 4 60M140 60l2 50-4 60M120 116v54';
const RULER = 'M78 132h84v18H78ZM88 132v8M98 132v6M108 132v8M118 132v6M128 132v8M138 132v6M148 132v8';

const PARTS = {
  overview: [['ink', TRUNK], ['spot', SMALL_SPOT]],
  region: [['ink', TRUNK], ['spot', 'M104 84a7 7 0 1 0 14 0 7 7 0 1 0-14 0ZM128 98a6 6 0 1 0 12 0 6 6 0 1 0-12 0ZM108 116a5 5 0 1 0 10 0 5 5 0 1 0-10 0Z']],
  distribution: [['ink', BODY], ['spot', 'M104 76a5 5 0 1 0 10 0 5 5 0 1 0-10 0ZM124 92a5 5 0 1 0 10 0 5 5 0 1 0-10 0ZM104 106a4 4 0 1 0 8 0 4 4 0 1 0-8 0ZM128 122a4 4 0 1 0 8 0 4 4 0 1 0-8 0Z']],
  scale: [['spot', SPOT], ['ink', RULER]],
  oblique: [['spot', 'M82 122c8-34 28-46 44-46 17 0 30 16 34 46Z'], ['ink', 'M56 122h128M176 56l-28 22M148 78l4-13M148 78l13-1']],
  dermoscopy: [['ink', 'M70 90a50 50 0 1 0 100 0 50 50 0 1 0-100 0Z'], ['spot', 'M92 84c4-18 20-26 34-22 15 4 24 18 20 34-4 14-18 22-32 18-14-3-25-15-22-30Z'], ['ink', 'M104 82h2M118 92h2M132 84h2M112 104h2M128 104h2']],
  other_side: [['ink', 'M120 30v120M78 60c-14 22-14 48-4 76M162 60c14 22 14 48 4 76'], ['spot', 'M86 94a8 8 0 1 0 16 0 8 8 0 1 0-16 0Z']],
  neighbours: [['spot', 'M104 92a10 10 0 1 0 20 0 10 10 0 1 0-20 0ZM72 70a4 4 0 1 0 8 0 4 4 0 1 0-8 0ZM152 74a5 5 0 1 0 10 0 5 5 0 1 0-10 0ZM146 122a4 4 0 1 0 8 0 4 4 0 1 0-8 0ZM80 124a5 5 0 1 0 10 0 5 5 0 1 0-10 0Z']],
  hands: [['ink', 'M86 150V96c0-8 10-8 10 0V60c0-8 11-8 11 0v30-42c0-8 11-8 11 0v42-36c0-8 11-8 11 0v42-22c0-8 10-8 10 0v46c0 20-8 30-18 30Z'], ['spot', 'M106 118a6 6 0 1 0 12 0 6 6 0 1 0-12 0Z']],
  glass: [['spot', SPOT], ['ink', 'M76 52h88v84H76ZM88 64l16-0M88 64v16']],
  close_up: [['spot', SPOT]],
};

/** Words in a view's id or icon that choose its drawing. */
const LIKE = [['dermo', 'dermoscopy'], ['scale', 'scale'], ['ruler', 'scale'], ['oblique', 'oblique'], ['distribution', 'distribution'], ['region', 'region'],
  ['overview', 'overview'], ['whole', 'region'], ['other_side', 'other_side'], ['opposite', 'other_side'], ['neigh', 'neighbours'], ['naevi', 'neighbours'],
  ['palm', 'hands'], ['hand', 'hands'], ['glass', 'glass'], ['vitro', 'glass'], ['close', 'close_up']];

export function drawing(view) {
  const kind = LIKE.find(([word]) => view.id.includes(word))?.[1] ?? (view.close_up ? 'close_up' : 'region');
  return s('svg', { viewBox: '0 0 240 180', class: 'view-drawing' }, s('path', { class: 'corner', d: CORNERS }),
    PARTS[kind].map(([look, d]) => s('path', { class: look, d })));
}
