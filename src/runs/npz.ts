// NumPy's .npz files: a zip of .npy files. Reads hostile files safely, with the limits of run archives (zip.ts).
import { zipSync } from 'fflate';
import { RunFormatError } from '../errors.js';
import { readNpy, writeNpy } from './npy.js';
import type { ArrayTensor } from './safetensors.js';
import { unpackZip, zipLimits, type ZipLimits } from './zip.js';

// Any time does; the same arrays then give the same bytes.
const fixedTime = new Date(1980, 0, 1);

/** Names under which an array is a plain file of the archive and nothing else in Python: `latents`, `fixed_points.speed`. */
const plainName = /^(?!__proto__$)[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$/;

/**
 * A .npz of arrays, sorted by name, integers deflated: `numpy.load(file)['latents']`. Throws RunFormatError for a name that is no plain file's and for data that
 * do not fit a shape.
 */
export function writeNpz(arrays: Readonly<Record<string, ArrayTensor>> | ReadonlyMap<string, ArrayTensor>): Uint8Array {
  const entries = [...(arrays instanceof Map ? arrays : Object.entries(arrays as Readonly<Record<string, ArrayTensor>>))] as [string, ArrayTensor][];
  const bad = entries.find(([name]) => !plainName.test(name));
  if (bad) throw new RunFormatError(`writeNpz: expected names of letters, digits, _ . + and -, got ${JSON.stringify(bad[0].slice(0, 100))}`);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(
    Object.fromEntries(
      entries.map(([name, { shape, data }]) => {
        // numbers of noise hardly shrink and would take most of a minute for half a gigabyte; counts do, and higher levels than 1 take several times as long
        const level = data instanceof Float32Array || data instanceof Float64Array ? 0 : 1;
        return [`${name}.npy`, [writeNpy(shape, data), { level }]] as const;
      }),
    ),
    { mtime: fixedTime },
  );
}

/** The arrays of a .npz by name. Throws RunFormatError, naming `where` and the entry, for anything else than an intact archive of .npy files within `limits`. */
export function readNpz(bytes: Uint8Array, where: string, limits: ZipLimits = zipLimits): Map<string, ArrayTensor> {
  const arrays = new Map<string, ArrayTensor>();
  for (const [path, data] of unpackZip(bytes, where, limits)) {
    const name = path.replace(/\.npy$/, '');
    if (name === path || !plainName.test(name))
      throw new RunFormatError(`${where}: expected .npy files with plain names, got ${JSON.stringify(path.slice(0, 100))}; was it made with numpy.savez?`);
    arrays.set(name, readNpy(data, `${where}: ${path}`));
  }
  return arrays;
}
