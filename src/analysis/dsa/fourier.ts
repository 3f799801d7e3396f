// Discrete Fourier transform of complex series whose length has the factors 2, 3 and 5 only: the fast way to sums of products at many lags (Cooley & Tukey 1965).

/** The smallest length ≥ `least` with no prime factor above 5. */
export function fourierLength(least: number): number {
  for (let length = Math.max(1, least); ; length++) {
    let rest = length;
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return length;
  }
}

/** Transforms series of one length in place; keeps its tables. */
export class Fourier {
  readonly length: number;
  readonly #factors: readonly number[];
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #workRe: Float64Array;
  readonly #workIm: Float64Array;

  constructor(length: number) {
    this.length = length;
    const factors: number[] = [];
    let rest = length;
    for (const factor of [5, 3, 2]) {
      for (; rest % factor === 0; rest /= factor) factors.push(factor);
    }
    this.#factors = factors;
    this.#cosines = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    this.#sines = Float64Array.from({ length }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
    this.#workRe = new Float64Array(length);
    this.#workIm = new Float64Array(length);
  }

  /** X_f = Σ_t x_t exp(−2πi f t / L), of re + i im. Self-sorting passes, one a factor (Stockham; Van Loan 1992, §1.7). */
  transform(re: Float64Array, im: Float64Array): void {
    const n = this.length;
    let [fromRe, fromIm, toRe, toIm] = [re, im, this.#workRe, this.#workIm];
    // `done` is the length of the transforms so far, interleaved with stride `rest`
    let done = 1;
    for (const factor of this.#factors) {
      const stride = n / (done * factor);
      for (let block = 0; block < done; block++) {
        for (let out = 0; out < factor; out++) {
          const frequency = block + out * done;
          for (let s = 0; s < stride; s++) {
            let sumRe = 0;
            let sumIm = 0;
            for (let part = 0; part < factor; part++) {
              const at = (block * factor + part) * stride + s;
              const turn = (part * frequency * stride) % n;
              const c = this.#cosines[turn] as number;
              const w = this.#sines[turn] as number;
              const x = fromRe[at] as number;
              const y = fromIm[at] as number;
              sumRe += x * c - y * w;
              sumIm += x * w + y * c;
            }
            toRe[frequency * stride + s] = sumRe;
            toIm[frequency * stride + s] = sumIm;
          }
        }
      }
      [fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm];
      done *= factor;
    }
    if (fromRe !== re) {
      re.set(fromRe);
      im.set(fromIm);
    }
  }
}
