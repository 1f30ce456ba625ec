/** Where the WebAssembly reader of codes stands; fetched where something is scanned, and once ahead on a device that works without network. */

const FOLDER = new URL('../../vendor/zxing-wasm-3.1.4/', import.meta.url).href;

export const PROGRAM = `${FOLDER}es/reader/index.js`;
export const addressOf = file => `${FOLDER}reader/${file}`;

/** Asks for all of it, so that the service worker keeps it. */
export const bringAhead = () => Promise.all([PROGRAM, `${FOLDER}es/share.js`, addressOf('zxing_reader.wasm')].map(address => fetch(address, { priority: 'low' }).catch(() => {})));
