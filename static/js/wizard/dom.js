/** Building elements by hand: the wizard has no framework and no inline style. */

const SVG = 'http://www.w3.org/2000/svg';
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'open', 'selected', 'indeterminate']);

let spriteAddress = '';
export const useSprite = address => { spriteAddress = address; };

/** h('p', {class: 'hint'}, 'words', node): false, null and undefined are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name) && name in element) element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false && child !== '');
}

/** Puts new children in the place of the old ones. */
export function renew(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

export function icon(name, more = '') {
  return s('svg', { class: `icon ${more}`.trim(), 'aria-hidden': 'true' }, s('use', { href: `${spriteAddress}#${name}` }));
}

export const button = (words, { class: look = '', icon: name, ...attributes }) =>
  h('button', { type: 'button', class: `button ${look}`.trim(), ...attributes }, name && icon(name), words);

/** A notice with its icon: tone is info, ok, warn or late. */
export function notice(tone, heading, words, ...more) {
  const icons = { info: 'info', ok: 'circle-check', warn: 'triangle-alert', late: 'octagon-alert' };
  return h('div', { class: `notice ${tone}` }, icon(icons[tone]), h('strong', {}, heading),
    words && h('p', { class: 'small' }, words), ...more);
}
