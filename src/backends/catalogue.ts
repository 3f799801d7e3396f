// Every kernel once: argument names, shapes in dimension letters, dtypes, access, parameters, variants, backends.
// Nothing else repeats these facts; `resolveCall` is the check that gives the same error on every backend.
import { KernelError, ShapeError } from '../errors.js';
import type { DType, KernelArgument, KernelCall } from './backend.js';
import { kernels } from './kernels.js';
import { checkRelations } from './relations.js';

/** `read` inputs come before `write` (overwritten) and `update` (read and written) outputs, in every language. */
export type Access = 'read' | 'write' | 'update';

/** One argument. A dimension is a letter (bound by the first argument that shows it), or `scratch`: opaque, sized by the backend. */
export interface ArgumentSpec {
  readonly name: string;
  readonly shape: readonly string[];
  readonly dtype: DType;
  readonly access: Access;
  readonly optional?: boolean;
}

export interface ParameterSpec {
  readonly name: string;
  readonly type: 'f32' | 'i32';
  /** Value taken when the call leaves it out; without one the parameter is required. */
  readonly default?: number;
}

export interface KernelSpec {
  readonly name: string;
  /** At least one; the index in this list is what kernels receive. */
  readonly variants: readonly string[];
  readonly args: readonly ArgumentSpec[];
  readonly params: readonly ParameterSpec[];
  /** Dimension letters in the order in which kernels receive them: all that occur in `args`, first come first. */
  readonly dims: readonly string[];
  /** Backends that lack this kernel, each with the reason. */
  readonly absent?: Readonly<Record<string, string>>;
}

/** A checked call: every letter bound, every parameter filled in. */
export interface ResolvedCall {
  readonly spec: KernelSpec;
  readonly variant: string;
  readonly variantIndex: number;
  /** In catalogue order; null for an optional argument that was left out. */
  readonly args: readonly (KernelArgument | null)[];
  readonly dims: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, number>>;
}

const byName = new Map(kernels.map((spec) => [spec.name, spec]));

/** Names of all kernels, in catalogue order. */
export const kernelNames: readonly string[] = kernels.map((spec) => spec.name);

/** The catalogue entry of a kernel. Throws KernelError for an unknown name. */
export function kernelSpec(name: string): KernelSpec {
  const spec = byName.get(name);
  if (!spec) throw new KernelError(`catalogue: expected the name of a kernel, got "${name}"; known kernels are ${kernelNames.join(', ')}`);
  return spec;
}

/**
 * Checks a call against the catalogue and binds its dimension letters.
 * `skipScratch` leaves opaque arguments and the lengths of buffers unchecked (used to size scratch before there is memory). Throws KernelError or ShapeError in the house format.
 */
export function resolveCall(name: string, call: KernelCall, skipScratch = false): ResolvedCall {
  const spec = kernelSpec(name);
  const variant = call.variant ?? spec.variants[0];
  const variantIndex = spec.variants.indexOf(variant as string);
  if (variantIndex < 0) throw new KernelError(`${name}: expected a variant among ${spec.variants.join(', ')}, got "${variant}"`);
  const dims: Record<string, number> = {};
  const args = spec.args.map((argument) => {
    const given = call.args[argument.name] ?? null;
    if (!given) {
      if (argument.optional || (skipScratch && argument.shape[0] === 'scratch')) return null;
      throw new ShapeError(`${name}: expected ${argument.name} [${argument.shape.join(', ')}], got nothing; it is not optional`);
    }
    if (given.dtype !== argument.dtype) throw new ShapeError(`${name}: expected ${argument.name} of dtype ${argument.dtype}, got ${given.dtype}`);
    if (argument.shape[0] !== 'scratch') bindShape(name, argument, given.shape, dims);
    return given;
  });
  for (const given of Object.keys(call.args)) {
    if (!spec.args.some((argument) => argument.name === given))
      throw new KernelError(`${name}: expected arguments ${spec.args.map((a) => a.name).join(', ')}, got "${given}"`);
  }
  for (const letter of spec.dims) dims[letter] ??= 0;
  const resolved: ResolvedCall = { spec, variant: variant as string, variantIndex, args, dims, params: resolveParams(spec, call.params ?? {}) };
  checkRelations(resolved, skipScratch);
  return resolved;
}

function bindShape(kernel: string, argument: ArgumentSpec, shape: readonly number[], dims: Record<string, number>): void {
  const fits = shape.length === argument.shape.length && argument.shape.every((letter, axis) => dims[letter] === undefined || dims[letter] === shape[axis]);
  if (!fits) {
    const expected = argument.shape.map((letter) => (dims[letter] === undefined ? letter : `${letter}=${dims[letter]}`));
    throw new ShapeError(`${kernel}: expected ${argument.name} of shape [${expected.join(', ')}], got [${shape.join(', ')}]`);
  }
  argument.shape.forEach((letter, axis) => {
    dims[letter] = shape[axis] as number;
  });
}

function resolveParams(spec: KernelSpec, given: Readonly<Record<string, number>>): Record<string, number> {
  const params: Record<string, number> = {};
  for (const { name, default: fallback } of spec.params) {
    const value = given[name] ?? fallback;
    if (value === undefined) throw new KernelError(`${spec.name}: expected parameter ${name}, got nothing`);
    params[name] = value;
  }
  for (const name of Object.keys(given)) {
    if (!(name in params)) throw new KernelError(`${spec.name}: expected parameters ${spec.params.map((p) => p.name).join(', ')}, got "${name}"`);
  }
  return params;
}
