// The arrays of test/golden/analysis.safetensors, made with scikit-learn and CtDB (test/golden/README.md).
import { readFileSync } from 'node:fs';
import { type ArrayTensor, readSafetensors } from '../../src/runs/safetensors.js';

const file = new URL('../golden/analysis.safetensors', import.meta.url);
const { tensors } = readSafetensors(new Uint8Array(readFileSync(file)), 'analysis.safetensors');

/** A tensor of the golden file; throws when it is not there. */
export function golden(name: string): { readonly shape: readonly number[]; readonly data: Float64Array } {
  const tensor = tensors.get(name) as ArrayTensor | undefined;
  if (!tensor) throw new Error(`analysis.safetensors: expected ${name}, got nothing`);
  return { shape: tensor.shape, data: Float64Array.from(tensor.data) };
}
