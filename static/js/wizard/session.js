/** When the session is locked or ended in the middle of a request: the page closes over it, what is typed stays and goes on afterwards. */
import { call, Refused, Unreachable } from './api.js';
import { button, h } from './dom.js';
import { forgetKey, tellEnded } from './ended.js';
import { textField } from './fields.js';
import { sheet } from './frame.js';

/** By the code of this phone where it has one, else by the password. */
export async function unlock() {
  const { codeHere } = await import('./code.js');
  if (!(await codeHere())) return unlockWithPassword();
  const { askCode } = await import('./code-sheet.js');
  const otherwise = { words: 'Donner plutôt le mot de passe', act: () => {} };
  const words = 'Après une heure sans activité, DermAvis redemande le code de cet appareil. Tout ce que vous avez saisi est gardé.';
  return (await askCode({ title: 'Toujours là\u00a0?', words, act: ({ proof }) => tryToOpen({ proof }), otherwise, closed: true })) ?? unlockWithPassword();
}

function unlockWithPassword() {
  return sheet(close => {
    let password = '';
    const words = h('p', { class: 'field-error', role: 'alert' });
    const field = textField({ id: 'unlock-password', label: 'Mot de passe', type: 'password', autocomplete: 'current-password',
      onvalue: value => { password = value; } });
    return h('form', { class: 'stack loose', onsubmit: async event => {
      event.preventDefault();
      words.textContent = await tryToOpen({ password });
      if (!words.textContent) close();
      else field.querySelector('input').focus();
    } },
    h('h2', { id: 'sheet-title' }, 'Toujours là\u00a0?'),
    h('p', {}, 'Après une heure sans activité, DermAvis redemande votre mot de passe. Tout ce que vous avez saisi est gardé.'),
    field, words, button('Continuer', { class: 'primary tall wide', type: 'submit' }));
  }, { closed: true });
}

/** Words for what was refused; none once the session is open. */
export async function tryToOpen(secret) {
  try {
    await call('POST', '/api/v1/session', { body: secret, quiet: true });
    return '';
  } catch (error) {
    if (error instanceof Unreachable) return 'Pas de réseau\u00a0: réessayez dans un instant.';
    if (error instanceof Refused && error.body.sign_in) { leave(); return ' '; }
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

export function signIn() {
  tellEnded();
  forgetKey();
  Promise.all([import('./code.js'), import('./held-key.js'), import('./device-orders.js')]).then(([{ forgetCode }, { dropKey }, { obeyOrders }]) => { dropKey(); obeyOrders(); return forgetCode(); }).catch(() => {});
  return sheet(() => [
    h('h2', { id: 'sheet-title' }, 'Votre session est terminée'),
    h('p', {}, 'Reconnectez-vous\u00a0: votre demande est gardée, chiffrée, sur ce téléphone et vous la retrouverez à la même page.'),
    button('Se reconnecter', { class: 'primary tall wide', onclick: leave }),
  ], { closed: true });
}

const leave = () => { location.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.hash)}`; };
