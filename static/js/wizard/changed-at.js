/** Since when a request waits: its record's own time moves at each screen that is only looked at. */

/**
 * The last change of its content, in milliseconds: of what was not sent each change bears its time, what was sent bears
 * that of its sending; one of an earlier release, or that does not open, has its record's alone.
 */
export function changedAt({ at }, kept) {
  const unsent = [].concat(kept?.sent ?? []).findLast(Number.isInteger);
  return Math.min(at, unsent || Date.parse(kept?.base?.device?.time ?? '') || at);
}
