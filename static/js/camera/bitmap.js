/** A worker's own surface: the pixels of a bitmap that the page gave away. */
let surface = null;

export function pixelsOf(bitmap) {
  surface ??= new OffscreenCanvas(bitmap.width, bitmap.height);
  Object.assign(surface, { width: bitmap.width, height: bitmap.height });
  const brush = surface.getContext('2d', { alpha: false, willReadFrequently: true });
  brush.drawImage(bitmap, 0, 0);
  bitmap.close();
  return brush.getImageData(0, 0, surface.width, surface.height);
}
