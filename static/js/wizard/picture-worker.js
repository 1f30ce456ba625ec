/** Makes diagnostic pictures away from the page, one at a time. */
import { diagnosticPicture } from './picture-work.js';

onmessage = async ({ data: { number, bytes, type, closeUp } }) => {
  const result = await diagnosticPicture(bytes, type, closeUp).catch(() => ({ reason: 'failed' }));
  postMessage({ number, ...result }, result.bytes ? [result.bytes] : []);
};
