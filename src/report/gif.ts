// Animated GIF (GIF89a) from frames of palette indices: LZW compression, and only what changed from frame to frame.
// Format: CompuServe, Graphics Interchange Format, version 89a (1990). Written here because encoders on npm have had no release for years and carry no types.

/** Frames of W × H palette indices, row by row. */
export interface GifOptions {
  readonly width: number;
  readonly height: number;
  /** At most 255 colours, red, green, blue; the last place is kept for “as before”. */
  readonly palette: readonly (readonly [number, number, number])[];
}

const clearCodeBits = 8;
const transparent = 255;
/** Codes have at most 12 bits; then the table starts anew. */
const mostCodes = 4096;

/** Collects frames and gives the file; it repeats for ever. */
export class GifWriter {
  readonly #options: GifOptions;
  readonly #bytes = new ByteList();
  #previous: Uint8Array | null = null;

  constructor(options: GifOptions) {
    this.#options = options;
    const { width, height, palette } = options;
    const out = this.#bytes;
    out.text('GIF89a');
    out.word(width);
    out.word(height);
    out.add(0xf7, transparent, 0); // a global table of 256 colours
    for (let i = 0; i < 256; i++) out.add(...(palette[i] ?? [255, 255, 255]));
    out.add(0x21, 0xff, 11);
    out.text('NETSCAPE2.0');
    out.add(3, 1, 0, 0, 0); // repeat without end
  }

  /** Adds a frame [H, W] that stays for `hundredths` of a second. */
  frame(pixels: Uint8Array, hundredths: number): void {
    const { width, height } = this.#options;
    const out = this.#bytes;
    const box = this.#previous ? changedBox(pixels, this.#previous, width, height) : { left: 0, top: 0, right: width, bottom: height };
    out.add(0x21, 0xf9, 4, (1 << 2) | 1); // leave the picture as it is; one colour is transparent
    out.word(hundredths);
    out.add(transparent, 0, 0x2c);
    for (const value of [box.left, box.top, box.right - box.left, box.bottom - box.top]) out.word(value);
    out.add(0, clearCodeBits);
    const part = new Uint8Array((box.right - box.left) * (box.bottom - box.top));
    let at = 0;
    for (let y = box.top; y < box.bottom; y++) {
      for (let x = box.left; x < box.right; x++) {
        const i = y * width + x;
        part[at++] = this.#previous?.[i] === pixels[i] ? transparent : (pixels[i] as number);
      }
    }
    compress(part, out);
    this.#previous = pixels.slice();
  }

  /** The whole file. */
  finish(): Uint8Array {
    this.#bytes.add(0x3b);
    return this.#bytes.take();
  }
}

/** The rectangle in which two pictures differ; one pixel where they do not. */
function changedBox(a: Uint8Array, b: Uint8Array, width: number, height: number) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (a[i] === b[i]) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = y + 1;
    }
  }
  return box.right > 0 ? box : { left: 0, top: 0, right: 1, bottom: 1 };
}

/** LZW with codes of growing length, as blocks of at most 255 bytes. */
function compress(pixels: Uint8Array, out: ByteList): void {
  const clear = 1 << clearCodeBits;
  const block: number[] = [];
  let bits = 0;
  let held = 0;
  const flush = () => {
    if (block.length > 0) out.add(block.length, ...block.splice(0));
  };
  const emit = (code: number, length: number) => {
    held |= code << bits;
    bits += length;
    while (bits >= 8) {
      block.push(held & 255);
      if (block.length === 255) flush();
      held >>>= 8;
      bits -= 8;
    }
  };
  // the code of (prefix code, next pixel) by 256 · prefix + pixel
  let table = new Map<number, number>();
  let length = clearCodeBits + 1;
  let next = clear + 2;
  emit(clear, length);
  let prefix = pixels[0] as number;
  for (let i = 1; i < pixels.length; i++) {
    const pixel = pixels[i] as number;
    const key = prefix * 256 + pixel;
    const known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    emit(prefix, length);
    if (next < mostCodes) {
      table.set(key, next);
      if (next === 1 << length) length++;
      next++;
    } else {
      emit(clear, length);
      table = new Map();
      length = clearCodeBits + 1;
      next = clear + 2;
    }
    prefix = pixel;
  }
  emit(prefix, length);
  emit(clear + 1, length);
  if (bits > 0) block.push(held & 255);
  flush();
  out.add(0);
}

/** Bytes that grow. */
class ByteList {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  add(...values: number[]): void {
    if (this.#length + values.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (const value of values) this.#bytes[this.#length++] = value;
  }

  /** Sixteen bits, low byte first. */
  word(value: number): void {
    this.add(value & 255, value >> 8);
  }

  text(text: string): void {
    this.add(...Array.from(text, (letter) => letter.charCodeAt(0)));
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
