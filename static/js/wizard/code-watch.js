/** The code of this phone ends with its owner's session: where a sign-in is asked, or under somebody else's. */
import { codeHere, forgetCode } from './code.js';
import { obeyOrders } from './device-orders.js';
import { dropKey } from './held-key.js';

const { person, signedOut } = document.body.dataset;

if (signedOut !== undefined) obeyOrders();

codeHere().then(here => {
  const other = here && person && person !== here.person;
  if (signedOut !== undefined || other) dropKey();
  return here && (signedOut !== undefined || other) ? forgetCode() : undefined;
});
