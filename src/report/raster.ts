// A small picture in memory: lines, areas, dots and a few letters with smooth edges, then palette indices for a GIF.

export type Colour = readonly [number, number, number];

/** Letters of 5 × 7 pixels: one base-32 digit a row from the top, its highest bit on the left; rows eight and nine lie below the line. Lower case, digits, `N` and some signs. */
const glyphs: Readonly<Record<string, string>> = {
  '0': 'ehjlphe',
  '1': '4c4444e',
  '2': 'eh168gv',
  '3': 'eh161he',
  '4': '26aiv22',
  '5': 'vgu11he',
  '6': 'egguhhe',
  '7': 'v124488',
  '8': 'ehhehhe',
  '9': 'ehhf11e',
  a: '00e1fhf',
  b: 'gguhhhu',
  c: '00egghe',
  d: '11fhhhf',
  e: '00ehvge',
  f: '68u8888',
  g: '00fhhhf1e',
  h: 'gguhhhh',
  i: '40c444e',
  j: '2062222ic',
  k: 'ggikoki',
  l: 'c44444e',
  m: '00qllll',
  n: '00uhhhh',
  o: '00ehhhe',
  p: '00uhhhugg',
  q: '00fhhhf11',
  r: '00moggg',
  s: '00fge1u',
  t: '88u8886',
  u: '00hhhhf',
  v: '00hhha4',
  w: '00hllla',
  x: '00ha4ah',
  y: '00hhhhf1e',
  z: '00v248v',
  N: 'hplljhh',
  '.': '00000cc',
  ',': '0000c48',
  ':': '0cc0cc0',
  '-': '000v000',
  '·': '0004000',
};

/** W × H pixels of red, green and blue. Coordinates are pixels from the upper left corner. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3]. */
  readonly pixels: Uint8ClampedArray;
  /** How much of each pixel the present shape covers, 0 to 1; zero between shapes. */
  readonly #cover: Float32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8ClampedArray(3 * width * height);
    this.#cover = new Float32Array(width * height);
  }

  clear(colour: Colour): void {
    const row = this.pixels.subarray(0, 3 * this.width);
    for (let i = 0; i < row.length; i++) row[i] = colour[i % 3] as number;
    for (let y = 1; y < this.height; y++) this.pixels.copyWithin(y * row.length, 0, row.length);
  }

  /** A line of some width through points x, y, x, y …, with round ends; `opacity` 0 to 1. */
  line(points: readonly number[], width: number, colour: Colour, opacity = 1): void {
    const half = width / 2;
    for (let i = 0; i < Math.max(2, points.length - 2); i += 2) {
      const [ax, ay] = [points[i] as number, points[i + 1] as number];
      const [bx, by] = [points[i + 2] ?? ax, points[i + 3] ?? ay];
      const [dx, dy] = [bx - ax, by - ay];
      const square = dx * dx + dy * dy || 1;
      this.#raise(Math.min(ax, bx) - half, Math.min(ay, by) - half, Math.max(ax, bx) + half, Math.max(ay, by) + half, (x, y) => {
        const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
        const offX = x - ax - along * dx;
        const offY = y - ay - along * dy;
        return half + 0.5 - Math.sqrt(offX * offX + offY * offY);
      });
    }
    this.#blend(points, half, colour, opacity);
  }

  /** A filled circle, or with `width` a ring. */
  dot(x: number, y: number, radius: number, colour: Colour, opacity = 1, width = 0): void {
    const outer = radius + width / 2;
    this.#raise(x - outer, y - outer, x + outer, y + outer, (px, py) => {
      const distance = Math.sqrt((px - x) ** 2 + (py - y) ** 2);
      return width > 0 ? width / 2 + 0.5 - Math.abs(distance - radius) : radius + 0.5 - distance;
    });
    this.#blend([x, y], outer, colour, opacity);
  }

  /** A filled convex polygon of points x, y, x, y …. */
  area(points: readonly number[], colour: Colour, opacity = 1): void {
    const xs = points.filter((_, i) => i % 2 === 0);
    const ys = points.filter((_, i) => i % 2 === 1);
    const turn = xs.reduce((sum, x, i) => sum + x * ((ys[(i + 1) % ys.length] as number) - (ys[(i + ys.length - 1) % ys.length] as number)), 0) < 0 ? -1 : 1;
    this.#raise(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (x, y) => {
      let inside = 1;
      for (let i = 0; i < xs.length; i++) {
        const [ax, ay] = [xs[i] as number, ys[i] as number];
        const [dx, dy] = [(xs[(i + 1) % xs.length] as number) - ax, (ys[(i + 1) % ys.length] as number) - ay];
        inside = Math.min(inside, (turn * (dx * (y - ay) - dy * (x - ax))) / (Math.sqrt(dx * dx + dy * dy) || 1) + 0.5);
      }
      return inside;
    });
    this.#blend(points, 0, colour, opacity);
  }

  /** Text with its baseline at y, starting at x (or centred on it); letters without a picture leave a gap. Its width in pixels is 6 a letter times `size`. */
  text(x: number, y: number, text: string, colour: Colour, size = 2, centred = false): void {
    const left = Math.round(centred ? x - 3 * size * text.length : x);
    [...text].forEach((letter, place) => {
      [...(glyphs[letter] ?? '')].forEach((digit, row) => {
        const bits = Number.parseInt(digit, 32);
        for (let column = 0; column < 5; column++) {
          if (((bits >> (4 - column)) & 1) === 0) continue;
          this.#fill(left + (6 * place + column) * size, Math.round(y) + (row - 7) * size, size, colour);
        }
      });
    });
  }

  #fill(left: number, top: number, size: number, colour: Colour): void {
    for (let y = Math.max(0, top); y < Math.min(this.height, top + size); y++)
      for (let x = Math.max(0, left); x < Math.min(this.width, left + size); x++) this.pixels.set(colour, 3 * (y * this.width + x));
  }

  /** Covers the pixels of a box by at least `cover` of their centres, so that parts of one shape that overlap count once. */
  #raise(left: number, top: number, right: number, bottom: number, cover: (x: number, y: number) => number): void {
    const lastX = Math.min(this.width, right + 1);
    const lastY = Math.min(this.height, bottom + 1);
    for (let y = Math.max(0, Math.floor(top - 1)); y < lastY; y++) {
      for (let x = Math.max(0, Math.floor(left - 1)), at = y * this.width + x; x < lastX; x++, at++) {
        const value = Math.min(1, cover(x + 0.5, y + 0.5));
        if (value > (this.#cover[at] as number)) this.#cover[at] = value;
      }
    }
  }

  /** Paints what the shape around `points` covers and forgets its cover. */
  #blend(points: readonly number[], margin: number, [red, green, blue]: Colour, opacity: number): void {
    let [left, right, top, bottom] = [this.width, 0, this.height, 0];
    for (let i = 0; i < points.length; i += 2) {
      left = Math.min(left, points[i] as number);
      right = Math.max(right, points[i] as number);
      top = Math.min(top, points[i + 1] as number);
      bottom = Math.max(bottom, points[i + 1] as number);
    }
    const lastX = Math.min(this.width, right + margin + 2);
    const lastY = Math.min(this.height, bottom + margin + 2);
    const { pixels } = this;
    for (let y = Math.max(0, Math.floor(top - margin - 2)); y < lastY; y++) {
      for (let x = Math.max(0, Math.floor(left - margin - 2)), at = y * this.width + x; x < lastX; x++, at++) {
        const covered = this.#cover[at] as number;
        if (covered === 0) continue;
        this.#cover[at] = 0;
        const share = covered * opacity;
        const i = 3 * at;
        pixels[i] = (pixels[i] as number) * (1 - share) + red * share;
        pixels[i + 1] = (pixels[i + 1] as number) * (1 - share) + green * share;
        pixels[i + 2] = (pixels[i + 2] as number) * (1 - share) + blue * share;
      }
    }
  }
}

/** The colour of pixel `at` in 15 bits, 5 a channel. */
function binOf(pixels: Uint8ClampedArray, at: number): number {
  const i = 3 * at;
  return (((pixels[i] as number) >> 3) << 10) | (((pixels[i + 1] as number) >> 3) << 5) | ((pixels[i + 2] as number) >> 3);
}

/** The 255 colours that pictures have most often, and the index of the nearest for any colour in 15 bits. */
export class Palette {
  readonly #counts = new Float64Array(1 << 15);
  readonly #sums = new Float64Array(3 << 15);
  #colours: Colour[] = [];
  #nearest = new Int16Array(0);

  /** Counts the colours of a picture. */
  add({ pixels }: Canvas): void {
    for (let at = 0; 3 * at < pixels.length; at++) {
      const bin = binOf(pixels, at);
      this.#counts[bin] = (this.#counts[bin] as number) + 1;
      for (let channel = 0; channel < 3; channel++)
        this.#sums[3 * bin + channel] = (this.#sums[3 * bin + channel] as number) + (pixels[3 * at + channel] as number);
    }
  }

  /** Fixes the colours; call once, after `add`. */
  choose(): readonly Colour[] {
    const bins = Array.from(this.#counts.keys()).filter((bin) => (this.#counts[bin] as number) > 0);
    bins.sort((a, b) => (this.#counts[b] as number) - (this.#counts[a] as number) || a - b);
    this.#colours = bins
      .slice(0, 255)
      .map((bin) => [0, 1, 2].map((channel) => Math.round((this.#sums[3 * bin + channel] as number) / (this.#counts[bin] as number))) as unknown as Colour);
    this.#nearest = new Int16Array(1 << 15).fill(-1);
    return this.#colours;
  }

  /** Palette indices of a picture [H, W]. */
  indices({ pixels, width, height }: Canvas): Uint8Array {
    const result = new Uint8Array(width * height);
    for (let at = 0; at < result.length; at++) {
      const bin = binOf(pixels, at);
      if ((this.#nearest[bin] as number) < 0) this.#nearest[bin] = this.#find(bin);
      result[at] = this.#nearest[bin] as number;
    }
    return result;
  }

  #find(bin: number): number {
    const wanted = [bin >> 10, (bin >> 5) & 31, bin & 31].map((level) => level * 8 + 4) as unknown as Colour;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    this.#colours.forEach((colour, i) => {
      const distance = (colour[0] - wanted[0]) ** 2 + (colour[1] - wanted[1]) ** 2 + (colour[2] - wanted[2]) ** 2;
      if (distance < least) [least, best] = [distance, i];
    });
    return best;
  }
}
