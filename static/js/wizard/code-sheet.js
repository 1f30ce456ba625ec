/** The six digits of this phone's code, asked on a sheet over the page. */
import { keepDigits, NoCode, openWithCode, WrongCode } from './code.js';
import { button, h } from './dom.js';
import { sheet } from './frame.js';

let asked = null;

/**
 * Resolves to what the code opened, {key, proof, person}, once `act(opened)` has said '' (or nothing); words of its own
 * stay on the sheet. Resolves to null when the person takes the other way: {words, act}.
 */
export function askCode(question) {
  // Asked for two reasons at once (an idle hour, a locked session), it is given once.
  if (asked) return asked.then(async opened => { if (opened) await question.act?.(opened); return opened; });
  asked = ask(question).finally(() => { asked = null; });
  return asked;
}

function ask({ title, words, act = () => '', otherwise = null, closed = false }) {
  return sheet(close => {
    const told = h('p', { class: 'field-error', role: 'alert' });
    const field = h('input', { class: 'code-entry secret', id: 'phone-code', inputmode: 'numeric', pattern: '[0-9]*', maxlength: '6', autocomplete: 'off', autofocus: true, 'aria-describedby': 'phone-code-told' });
    const open = button('Ouvrir', { class: 'primary tall wide', type: 'submit' });
    const end = () => {
      const way = button('Se reconnecter', { class: 'primary tall wide', onclick: () => location.reload() });
      for (const spent of [field.previousElementSibling, field]) spent.remove();
      open.replaceWith(way);
      way.focus();
    };
    const tryIt = async () => {
      if (open.hasAttribute('aria-busy')) return;
      told.textContent = '';
      open.setAttribute('aria-busy', 'true');
      const { opened, refusal } = await opening(field.value);
      const further = opened ? await act(opened) : refusal;
      open.removeAttribute('aria-busy');
      if (!further) return close(opened);
      told.textContent = further;
      // A page loaded anew asks the password, where nothing else leads on.
      if (further === SPENT && !otherwise) return end();
      field.value = '';
      field.focus();
      return undefined;
    };
    told.id = 'phone-code-told';
    field.addEventListener('input', () => {
      keepDigits(field);
      if (field.value.length === 6) tryIt();
    });
    return h('form', { class: 'stack loose', novalidate: true, onsubmit: event => { event.preventDefault(); tryIt(); } },
      h('h2', { id: 'sheet-title' }, title), words && h('p', {}, words),
      h('div', { class: 'field' }, h('label', { for: 'phone-code' }, 'Code de cet appareil, six chiffres'), field, told),
      open, otherwise && button(otherwise.words, { class: 'tall wide', onclick: () => { close(null); otherwise.act(); } }));
  }, { closed });
}

async function opening(digits) {
  if (digits.length < 6) return { refusal: 'Le code a six chiffres.' };
  try {
    return { opened: await openWithCode(digits) };
  } catch (error) {
    if (error instanceof WrongCode) return { refusal: `Ce n’est pas le bon code. Encore ${error.left}\u00a0essai${error.left > 1 ? 's' : ''}.` };
    if (error instanceof NoCode) return { refusal: SPENT };
    throw error;
  }
}

export const SPENT = 'Ce code n’ouvre plus cet appareil. Vos demandes y restent, chiffrées\u00a0: elles s’ouvriront quand vous vous reconnecterez, avec le réseau et votre mot de passe.';
