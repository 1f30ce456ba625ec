/** Where the WebAssembly reader of codes stands; fetched where something is scanned, and once ahead on a device that works without network. */

const FOLDER = new URL('../../vendor/zxing-wasm-3.1.4/', import.meta.url).href;

const PROGRAM = `${FOLDER}es/reader/index.js`;
const addressOf = file => `${FOLDER}reader/${file}`;

/** The function that reads codes out of pixels. */
export async function bringReader() {
  const { prepareZXingModule, readBarcodes } = await import(PROGRAM);
  await prepareZXingModule({ overrides: { locateFile: addressOf }, fireImmediately: true });
  return readBarcodes;
}

/** Asks for all of it, so that the service worker keeps it. */
export const bringAhead = () => Promise.all([PROGRAM, `${FOLDER}es/share.js`, addressOf('zxing_reader.wasm')].map(address => fetch(address, { priority: 'low' }).catch(() => {})));
