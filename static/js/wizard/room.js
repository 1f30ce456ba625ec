/** Whether this browser will keep what is typed and photographed: asked of it, measured, and said where it will not. */
import { isApplePhoneOrTablet } from '../apple.js';

const LEAST = 80e6;

/** Called once the patient is being named, before any camera opens. */
export async function tellRoom(w) {
  const { storage } = navigator;
  await storage?.persist?.().catch(() => false);
  const { quota = Infinity, usage = 0 } = (await storage?.estimate?.().catch(() => null)) ?? {};
  if (quota - usage < LEAST) w.notice('warn', 'Ce téléphone n’a presque plus de place', 'Libérez-en avant de photographier\u00a0: les photos attendent ici d’être envoyées.', 'space');
  if (isApplePhoneOrTablet() && navigator.standalone !== true) w.notice('info', 'Safari ne garde vos brouillons qu’une semaine', 'Installé, DermAvis les garde\u00a0: Partager (parfois sous «\u00a0•••\u00a0»), puis «\u00a0Sur l’écran d’accueil\u00a0».', 'tab');
}
