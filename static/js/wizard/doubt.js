/** What becomes of a picture that is not beyond doubt: asked again, after two tries of its view accepted and told. */
import { h, icon } from './dom.js';

export const isBad = picture => ['refused', 'lost'].includes(picture?.state);
export const isPoor = picture => ['amber', 'red'].includes(picture?.quality?.colour);
/** Asked again; after two tries of the view it is accepted, and the expert is told. */
export const isDoubtful = picture => isPoor(picture) && !isBad(picture) && !picture.kept && (picture.retries ?? 0) < picture.quality.mostRetries;
/** How many tries a picture counts that takes the place of `before`, where there is one. */
export const triesAfter = before => (isPoor(before) && !isBad(before) ? (before.retries ?? 0) + 1 : before?.retries);
export const capital = words => words.charAt(0).toUpperCase() + words.slice(1);

export function qualityNotice(picture, id = null) {
  if (!isPoor(picture)) return null;
  const { state, advice, colour } = picture.quality;
  const asked = isDoubtful(picture);
  return h('div', { class: `notice ${asked && colour === 'red' ? 'late' : 'warn'}`, id }, icon(asked && colour === 'red' ? 'octagon-alert' : 'triangle-alert'), h('strong', {}, capital(state)),
    h('p', { class: 'small' }, asked ? `${advice.join('. ')}.` : 'Photo gardée\u00a0: l’expert verra cette mention.'));
}
