/** Planes of whole numbers: luma, a region, and averages rounded as Pillow rounds them. */
import { fitted } from './fitting.js';

export const CELL = 8;
const rounded = value => Math.floor(value + 0.5);
export const decimals = (value, places) => Number(value.toFixed(places));

/** As Pillow's "L". */
export const brightness = (red, green, blue) => (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;

export function lumaOf({ data, width, height }) {
  const luma = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 4) {
    luma[at] = brightness(data[from], data[from + 1], data[from + 2]);
  }
  return luma;
}

export function cut(plane, width, height, share) {
  const wide = Math.max(1, rounded(width * share));
  const high = Math.max(1, rounded(height * share));
  const left = (width - wide) >> 1;
  const top = (height - high) >> 1;
  const region = new Uint8Array(wide * high);
  for (let y = 0; y < high; y += 1) region.set(plane.subarray((top + y) * width + left, (top + y) * width + left + wide), y * wide);
  return { plane: region, width: wide, height: high };
}

export function shrunkPlane({ plane, width, height }, longSide) {
  const size = fitted(width, height, longSide);
  return size.width < width || size.height < height ? { plane: averaged(plane, width, height, size.width, size.height), ...size } : { plane, width, height };
}

/** Three planes in one, RGBRGB…, so many whole pixels in one that the long side is about that: as Pillow's `reduce` does. */
export function reducedColours({ data, width, height }, longSide) {
  const by = Math.max(1, rounded(Math.max(width, height) / longSide));
  const [wide, high] = [Math.ceil(width / by), Math.ceil(height / by)];
  const averages = new Uint8Array(wide * high * 3);
  if (by === 1) {
    for (let at = 0, to = 0; to < averages.length; at += 4, to += 3) {
      averages[to] = data[at];
      averages[to + 1] = data[at + 1];
      averages[to + 2] = data[at + 2];
    }
    return { data: averages, width, height };
  }
  for (let y = 0, to = 0; y < high; y += 1) {
    const bottom = Math.min(height, (y + 1) * by);
    for (let x = 0; x < wide; x += 1, to += 3) {
      const right = Math.min(width, (x + 1) * by);
      let [red, green, blue] = [0, 0, 0];
      for (let row = y * by; row < bottom; row += 1) {
        for (let at = (row * width + x * by) * 4, end = (row * width + right) * 4; at < end; at += 4) {
          red += data[at];
          green += data[at + 1];
          blue += data[at + 2];
        }
      }
      const count = (bottom - y * by) * (right - x * by);
      averages[to] = averageOf(red, count);
      averages[to + 1] = averageOf(green, count);
      averages[to + 2] = averageOf(blue, count);
    }
  }
  return { data: averages, width: wide, height: high };
}

/**
 * RGBA averaged down to a smaller size, each pixel of the same boxes as a plane's, of fewer than 257 pixels; a picture of that
 * size already is returned as it is. Two colours are summed in one number and fractions dropped: a live frame has no milliseconds to lose.
 */
export function shrunkColours(picture, { width, height }) {
  if (picture.width <= width && picture.height <= height) return picture;
  const [across, down] = [edges(picture.width, width), edges(picture.height, height)];
  const from = new Uint32Array(picture.data.buffer, picture.data.byteOffset, picture.width * picture.height);
  const averages = new Uint32Array(width * height);
  for (let y = 0, to = 0; y < height; y += 1) {
    const top = down.from[y] * picture.width;
    const bottom = down.to[y] * picture.width;
    for (let x = 0; x < width; x += 1, to += 1) {
      const left = across.from[x];
      const wide = across.to[x] - left;
      let redAndBlue = 0;
      let green = 0;
      for (let row = top + left; row < bottom; row += picture.width) {
        for (let at = row, end = row + wide; at < end; at += 1) {
          const pixel = from[at];
          redAndBlue += pixel & 0xff00ff;
          green += pixel >>> 8 & 0xff;
        }
      }
      const share = Math.ceil(0x10000 / (wide * (down.to[y] - down.from[y])));
      averages[to] = (redAndBlue & 0xffff) * share >>> 16 | (green * share >>> 16) << 8 | ((redAndBlue >>> 16) * share >>> 16) << 16 | 0xff000000;
    }
  }
  return { data: new Uint8ClampedArray(averages.buffer), width, height };
}

/** As Pillow's `reduce` rounds, for which 1 / count is a whole number of 2^-24. */
const averageOf = (sum, count) => Math.floor((sum + (count >> 1)) * Math.floor(2 ** 24 / count) / 2 ** 24);

/** Averages whole pixels, rows first and then columns, each rounded: as Pillow's box does. */
function averaged(from, width, height, wide, high) {
  const across = edges(width, wide);
  const down = edges(height, high);
  const rows = new Uint8Array(wide * height);
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < wide; x += 1, to += 1) {
      let sum = 0;
      for (let at = y * width + across.from[x], last = y * width + across.to[x]; at < last; at += 1) sum += from[at];
      const count = across.to[x] - across.from[x];
      rows[to] = (2 * sum + count) / (2 * count);
    }
  }
  const averages = new Uint8Array(wide * high);
  const sums = new Uint32Array(wide);
  for (let y = 0; y < high; y += 1) {
    sums.fill(0);
    for (let row = down.from[y]; row < down.to[y]; row += 1) for (let at = 0, source = row * wide; at < wide; at += 1, source += 1) sums[at] += rows[source];
    const count = down.to[y] - down.from[y];
    for (let at = 0, to = y * wide; at < wide; at += 1, to += 1) averages[to] = (2 * sums[at] + count) / (2 * count);
  }
  return averages;
}

function edges(length, parts) {
  const scale = length / parts;
  const from = new Uint32Array(parts);
  const to = new Uint32Array(parts);
  for (let part = 0; part < parts; part += 1) {
    const centre = (part + 0.5) * scale;
    from[part] = Math.max(0, Math.floor(centre - scale / 2 + 0.5));
    to[part] = Math.max(from[part] + 1, Math.min(length, Math.floor(centre + scale / 2 + 0.5)));
  }
  return { from, to };
}

/** The average of one cell of a plane; those at the edges may be smaller. */
export function cellMean(plane, width, height, column, row) {
  const right = Math.min(width, (column + 1) * CELL);
  const bottom = Math.min(height, (row + 1) * CELL);
  let sum = 0;
  for (let y = row * CELL; y < bottom; y += 1) for (let x = column * CELL; x < right; x += 1) sum += plane[y * width + x];
  const count = (right - column * CELL) * (bottom - row * CELL);
  return averageOf(sum, count);
}
