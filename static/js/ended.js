// Another page tells that the session ended: where the server says so too, what this one shows leaves the screen, and
// what was typed waits for the return of whoever typed it.

import { leaveFor } from "./kept.js";
import { askSession } from "./wizard/covering.js";

export function leaveWhenEnded() {
  const { person } = document.body.dataset;
  return askSession(leave, { headers: person ? { "X-Person": person } : {}, quiet: true });
}

function leave({ status, body }) {
  if (status !== 401) return undefined;
  return leaveFor(`/sign-in${body.locked ? "/resume" : ""}?next=${encodeURIComponent(location.pathname + location.search)}`);
}
