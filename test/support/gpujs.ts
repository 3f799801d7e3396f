// The gpujs backend under test: on WebGL2 in browsers, in gpu.js's plain JavaScript in Node; which cases of a kernel it runs, and what WebGL may do otherwise.
import { bodyWord, geometryCode, integratorCode, muscleCode } from '../../src/backends/body-layout.js';
import { createGpujsBackend, type GpujsBackend } from '../../src/backends/gpujs/index.js';
import type { KernelCase } from './cases.js';
import { skip } from './skip.js';
import { sizeOf } from './values.js';

const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
const required = (process.env['REQUIRE_BACKENDS'] ?? '').split(',').includes('gpujs');

/** The backend, or null after registering a skip. The caller disposes of it. Throws where REQUIRE_BACKENDS names gpujs. */
export async function gpujsUnderTest(test: { skip(name: string): void }, what: string): Promise<GpujsBackend | null> {
  try {
    return await createGpujsBackend({ variant: inNode ? 'cpu' : 'webgl2' });
  } catch (error) {
    if (required) throw error;
    skip(test, what, error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** Whether the backend has the body of a case, if there is one. */
export function hasBody({ args }: KernelCase): boolean {
  const layout = args['body_layout']?.data;
  if (!layout) return true;
  return (
    layout[bodyWord.muscle] !== muscleCode.compliantHill &&
    layout[bodyWord.geometry] !== geometryCode.paths &&
    layout[bodyWord.integrator] !== integratorCode.rk4
  );
}

/** What makes a case's kernels differ in more than sizes; in short, what makes them differ most. */
function kindOf({ variant, args, params = {}, kernel, before }: KernelCase, short: boolean): string {
  const layout = args['body_layout']?.data;
  if (layout) return short ? '' : [layout[bodyWord.muscle], layout[bodyWord.integrator]].join(' ');
  if (short) return variant ?? '';
  const given = Object.entries(args).filter(([, argument]) => argument !== null);
  const moves = kernel === 'copy_strided' ? Object.entries(params).map(([name, value]) => `${name} ${Math.sign(value)}`) : [];
  const { accumulate, transpose_a, transpose_b, ctdb } = params;
  return [variant, ...given.map(([name]) => name), ...moves, accumulate, transpose_a, transpose_b, ctdb, before && kindOf(before, short)].join(' ');
}

const elementsOf = ({ args }: KernelCase) => Object.values(args).reduce((sum, argument) => sum + (argument ? sizeOf(argument.shape) : 0), 0);

/** Of each kind of case the largest that is still small; one of each variant where every shader is compiled by a driver that runs on the processor. */
export function coveringCases(cases: readonly KernelCase[], everyKind: boolean): KernelCase[] {
  const chosen = new Map<string, KernelCase>();
  for (const kernelCase of cases) {
    if (/extreme|tiny|rows added into one/.test(kernelCase.name)) continue; // what WebGL leaves open: NaN, denormals; and sums that the f32 reference rounds too often
    if (!hasBody(kernelCase)) continue;
    const kind = kindOf(kernelCase, !everyKind);
    const before = chosen.get(kind);
    const [size, largest] = [elementsOf(kernelCase), before ? elementsOf(before) : 0];
    if (!before || (size > largest && size < 4000)) chosen.set(kind, kernelCase);
  }
  return [...chosen.values()];
}

/** A case with room for WebGL's own exp, log and power, which are good to some units in the last place. */
export function roomForWebgl(kernelCase: KernelCase): KernelCase {
  const { tolerance } = kernelCase;
  return { ...kernelCase, tolerance: { ...tolerance, atol: Math.max(tolerance.atol, 2e-7), rtol: Math.max(tolerance.rtol, 4e-6) } };
}
