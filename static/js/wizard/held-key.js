/**
 * From one page to the next without network: the service worker holds the opened key in its memory for a while, never
 * on disk, so that the code is not asked again at each page.
 */

const PATIENCE = 1000;

const worker = () => navigator.serviceWorker?.controller;

/** {key, person} that another page has opened a moment ago, or null. */
export function heldKey() {
  if (!worker()) return Promise.resolve(null);
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(() => resolve(null), PATIENCE);
    port1.onmessage = ({ data }) => { clearTimeout(timer); resolve(data); };
    worker().postMessage({ type: 'give-key' }, [port2]);
  });
}

export const holdKey = opened => worker()?.postMessage({ type: 'hold-key', opened });

export const dropKey = () => worker()?.postMessage({ type: 'drop-key' });
