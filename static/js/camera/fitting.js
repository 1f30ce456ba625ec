/** The size of a picture whose long side becomes at most `longSide`: never larger than it is, never less than a pixel. */
export function fitted(width, height, longSide) {
  const scale = Math.min(1, longSide / Math.max(width, height));
  const of = length => Math.max(1, Math.floor(length * scale + 0.5));
  return { width: of(width), height: of(height) };
}
