// The points that a search found as files of a run: .npy for NumPy, one .npz of all arrays, and the set itself, which comes back exactly.
import { readNpy, writeNpy } from '../runs/npy.js';
import { writeNpz } from '../runs/npz.js';
import type { ArrayTensor } from '../runs/safetensors.js';
import type { Storage } from '../runs/storage.js';
import type { FixedPoints } from './fixed-points/container.js';
import { encodeFixedPoints } from './fixed-points/container-file.js';
import type { FixedPointSearch } from './fixed-points/search.js';

/** Points whose Jacobians are written, those with the fewest unstable directions: 128 units take 131 kB a point. */
const mostJacobians = 256;

/** What a search leaves in `arrays/`; those of an earlier analysis are removed when there is none now. */
const pointArrays = [
  'fixed_points',
  'fixed_point_inputs',
  'fixed_point_speeds',
  'fixed_point_starts',
  'fixed_point_jacobians',
  'fixed_point_eigenvalues',
  'slow_points',
  'slow_point_speeds',
] as const;

/**
 * Writes of a run `arrays/fixed_points.npy` [K, S] (of an LSTM h, then c), `fixed_point_inputs` [K, I], `fixed_point_speeds` [K], `fixed_point_starts` [K]
 * (samples that ended there), `fixed_point_jacobians` [J, S, S] and `fixed_point_eigenvalues` [K, S, 2] (real, imaginary), `slow_points` [L, S] and
 * `slow_point_speeds` [L]; `fixed_points.safetensors` with the whole set; and `arrays.npz` with everything in `arrays/`.
 */
export async function writeDynamics(storage: Storage, path: string, search: FixedPointSearch | null): Promise<void> {
  const arrays = search ? arraysOf(search.unique, search.slow) : {};
  for (const name of pointArrays) {
    const array = arrays[name];
    if (array) await storage.write(`${path}/arrays/${name}.npy`, writeNpy(array.shape, array.data));
    else await storage.remove(`${path}/arrays/${name}.npy`);
  }
  if (search) await storage.write(`${path}/fixed_points.safetensors`, encodeFixedPoints(search.unique));
  else await storage.remove(`${path}/fixed_points.safetensors`);
  await storage.write(`${path}/arrays.npz`, writeNpz(await allArrays(storage, path)));
}

function arraysOf(points: FixedPoints, slow: FixedPoints): Partial<Record<(typeof pointArrays)[number], ArrayTensor>> {
  const { length: count, stateSize, inputSize, jacobians, eigenvalues, visits } = points;
  const withJacobian = Math.min(count, mostJacobians);
  return {
    fixed_points: { shape: [count, stateSize], data: points.states },
    fixed_point_inputs: { shape: [count, inputSize], data: points.inputs },
    fixed_point_speeds: { shape: [count], data: points.speed },
    ...(visits ? { fixed_point_starts: { shape: [count], data: visits } } : {}),
    ...(jacobians
      ? { fixed_point_jacobians: { shape: [withJacobian, stateSize, stateSize], data: jacobians.subarray(0, withJacobian * stateSize ** 2) } }
      : {}),
    ...(eigenvalues ? { fixed_point_eigenvalues: { shape: [count, stateSize, 2], data: eigenvalues } } : {}),
    slow_points: { shape: [slow.length, stateSize], data: slow.states },
    slow_point_speeds: { shape: [slow.length], data: slow.speed },
  };
}

/** Every array of a run's `arrays/`, by name. */
async function allArrays(storage: Storage, path: string): Promise<Map<string, ArrayTensor>> {
  const arrays = new Map<string, ArrayTensor>();
  for (const file of await storage.list(`${path}/arrays`)) {
    if (!file.endsWith('.npy')) continue;
    arrays.set(file.slice(0, -4), readNpy(await storage.read(`${path}/arrays/${file}`), `${storage.location}/${path}/arrays/${file}`));
  }
  return arrays;
}
