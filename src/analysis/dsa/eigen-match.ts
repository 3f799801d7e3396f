// A rotation that carries the eigenvectors of one matrix onto those of another, as far as a rotation can: a start for the search over rotations, exact for matrices
// that are rotations of each other. If A = C B Cᵀ, unit eigenvectors obey v_A s = C v_B with phases s, so their Gram matrices differ by phases alone.
import { EigenvalueDecomposition, Matrix, SVD } from 'ml-matrix';
import { normalAt, randomKey } from '../../random.js';
import { type Dense, multiply, zeros } from './dense.js';
import { cheapestFlow, squaredDistances } from './transport.js';

/** Eigenvalues and unit eigenvectors; rows of `vectors` are Re v, then Im v [2, n] for each of n. */
interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  readonly vectors: readonly { readonly re: Float64Array; readonly im: Float64Array }[];
}

function spectrumOf({ rows: n, values }: Dense): Spectrum {
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, values), {
    assumeSymmetric: false,
  });
  const vectors: { re: Float64Array; im: Float64Array }[] = [];
  const column = (k: number) => Float64Array.from({ length: n }, (_, i) => eigenvectorMatrix.get(i, k));
  for (let k = 0; k < n; k++) {
    const pair = imaginaryEigenvalues[k] !== 0 && k + 1 < n;
    const [re, im] = [column(k), pair ? column(k + 1) : new Float64Array(n)];
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (re[i] as number) ** 2 + (im[i] as number) ** 2;
    const by = squares > 0 && Number.isFinite(squares) ? 1 / Math.sqrt(squares) : 0;
    const unit = { re: re.map((value) => value * by || 0), im: im.map((value) => value * by || 0) };
    vectors.push(unit);
    if (pair) {
      vectors.push({ re: unit.re, im: unit.im.map((value) => -value) });
      k++;
    }
  }
  return { real: Float64Array.from(realEigenvalues), imaginary: Float64Array.from(imaginaryEigenvalues), vectors };
}

/** C [n, n], orthogonal: the rotation that best carries B's eigenvectors, paired with A's by their eigenvalues and turned by the best phases, onto A's. */
export function eigenMatch(a: Dense, b: Dense): Dense {
  const n = a.rows;
  const [first, second] = [spectrumOf(a), spectrumOf(b)];
  const pairing = cheapestFlow(squaredDistances(first, second), n, n, 1, 1);
  const partner = Array.from({ length: n }, (_, i) => pairing.subarray(i * n, (i + 1) * n).findIndex((mass) => mass > 0));
  const matched = partner.map((j) => second.vectors[j] as Spectrum['vectors'][number]);
  const phases = matchPhases(first.vectors, matched);
  // the C closest to all of C v_B = v_A s: the orthogonal factor of Re Σ v_A s v_Bᴴ
  const sum = zeros(n, n);
  for (let k = 0; k < n; k++) {
    const [x, y] = [first.vectors[k] as Spectrum['vectors'][number], matched[k] as Spectrum['vectors'][number]];
    const [c, s] = [phases.re[k] as number, phases.im[k] as number];
    for (let i = 0; i < n; i++) {
      const re = (x.re[i] as number) * c - (x.im[i] as number) * s;
      const im = (x.re[i] as number) * s + (x.im[i] as number) * c;
      for (let j = 0; j < n; j++) sum.values[i * n + j] = (sum.values[i * n + j] as number) + re * (y.re[j] as number) + im * (y.im[j] as number);
    }
  }
  return orthogonalFactor(sum);
}

/** Phases s [n] with ⟨v_B j, v_B k⟩ ≈ s̄_j s_k ⟨v_A j, v_A k⟩: the leading eigenvector of the product of both Gram matrices, entry by entry. */
function matchPhases(a: Spectrum['vectors'], b: Spectrum['vectors']): { re: Float64Array; im: Float64Array } {
  const n = a.length;
  const [ga, gb] = [gramOf(a), gramOf(b)];
  // m_jk = ⟨a_j, a_k⟩ conj ⟨b_j, b_k⟩ = s_j conj s_k |·|² for a pair of rotated matrices
  const re = new Float64Array(n * n);
  const im = new Float64Array(n * n);
  for (let i = 0; i < n * n; i++) {
    const [x, y, u, v] = [ga.re[i] as number, ga.im[i] as number, gb.re[i] as number, gb.im[i] as number];
    re[i] = x * u + y * v;
    im[i] = y * u - x * v;
  }
  const key = randomKey(0, 'phases');
  let best: { re: Float64Array; im: Float64Array; value: number } | null = null;
  for (let start = 0; start < 4; start++) {
    let s = { re: Float64Array.from({ length: n }, (_, k) => (start === 0 ? 1 : normalAt(key, start, k))), im: new Float64Array(n) };
    let value = 0;
    for (let sweep = 0; sweep < 100; sweep++) {
      const next = { re: new Float64Array(n), im: new Float64Array(n) };
      value = 0;
      for (let j = 0; j < n; j++) {
        let x = 0;
        let y = 0;
        for (let k = 0; k < n; k++) {
          const at = j * n + k;
          x += (re[at] as number) * (s.re[k] as number) - (im[at] as number) * (s.im[k] as number);
          y += (re[at] as number) * (s.im[k] as number) + (im[at] as number) * (s.re[k] as number);
        }
        const size = Math.hypot(x, y);
        value += size;
        next.re[j] = size > 0 ? x / size : 1;
        next.im[j] = size > 0 ? y / size : 0;
      }
      s = next;
    }
    if (best === null || value > best.value) best = { ...s, value };
  }
  return best as { re: Float64Array; im: Float64Array };
}

/** ⟨v_j, v_k⟩ = Σ conj(v_j) v_k. */
function gramOf(vectors: Spectrum['vectors']): { re: Float64Array; im: Float64Array } {
  const n = vectors.length;
  const pack = (part: 're' | 'im'): Dense => {
    const rows = zeros(n, n);
    vectors.forEach((vector, k) => rows.values.set(vector[part], k * n));
    return rows;
  };
  const [x, y] = [pack('re'), pack('im')];
  const [xx, yy, xy] = [multiply(x, x, 'right').values, multiply(y, y, 'right').values, multiply(x, y, 'right').values];
  return {
    re: xx.map((value, i) => value + (yy[i] as number)),
    im: xy.map((value, i) => value - (xy[(i % n) * n + Math.floor(i / n)] as number)),
  };
}

/** U Wᵀ of a matrix U Σ Wᵀ: the closest orthogonal matrix (Higham 1986). */
function orthogonalFactor({ rows: n, values }: Dense): Dense {
  const { leftSingularVectors: u, rightSingularVectors: w } = new SVD(Matrix.from1DArray(n, n, values));
  return { rows: n, columns: n, values: Float64Array.from(u.mmul(w.transpose()).to1DArray()) };
}
