/**
 * The code of this phone ends with its owner's session: where a sign-in is asked, or under somebody else's. Under its
 * owner's, what it opens without network is brought up to date.
 */
import { codeHere, forgetCode, passwordComes } from './code.js';
import { obeyOrders } from './device-orders.js';
import { tellEnded } from './ended.js';
import { dropKey } from './held-key.js';

const { person, signedOut } = document.body.dataset;

if (signedOut !== undefined) {
  tellEnded();
  obeyOrders();
  passwordComes();
}

codeHere().then(here => {
  const other = here && person && person !== here.person;
  if (signedOut !== undefined || other) dropKey();
  if (here && (signedOut !== undefined || other)) return forgetCode();
  return here && person && localStorage.getItem('dermavis-cases') ? import('./kept-cases.js').then(({ renewKept }) => renewKept()) : undefined;
});
