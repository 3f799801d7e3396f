// What a case of a kernel launches on webgpu, without a device: its plan, and so its shader. Also which cases cover all parts of the shaders.
import type { KernelArgument, KernelCall } from '../../src/backends/backend.js';
import { kernelSpec, type ResolvedCall, resolveCall } from '../../src/backends/catalogue.js';
import { shaderKey } from '../../src/backends/webgpu/assemble.js';
import type { GpuLimits, GpuPlan } from '../../src/backends/webgpu/kernel-row.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import type { KernelCase } from './cases.js';
import { sizeOf } from './values.js';

/** The default limits of WebGPU; time in chunks of three steps. */
const limits: GpuLimits = { bindingBytes: 2 ** 27, workgroupBytes: 16384, invocations: 256, stepsPerDispatch: () => 3 };

export interface CasePlan {
  readonly call: ResolvedCall;
  readonly plan: GpuPlan;
  /** All arguments in one slab. */
  readonly slots: readonly number[];
}

/** The call of a case with arguments that have shapes and nothing else. */
function callOf({ kernel, variant, params = {}, args: given, before, without }: KernelCase): KernelCall {
  const args: Record<string, KernelArgument> = {};
  for (const { name, dtype, access, shape: letters } of kernelSpec(kernel).args) {
    const handed = access === 'read' && before ? kernelSpec(before.kernel).args.find((a) => a.name === name && a.access !== 'read') : undefined;
    if (letters[0] === 'scratch') {
      if (!without?.includes(name)) args[name] = { buffer: { dtype, length: 0 }, shape: [0], dtype };
      continue;
    }
    const shape = (handed ? before?.args[name] : given[name])?.shape ?? given[name]?.shape;
    if (shape) args[name] = { buffer: { dtype, length: sizeOf(shape) }, shape, dtype };
  }
  return variant === undefined ? { args, params } : { variant, args, params };
}

/** What a case launches. */
export function planOf(kernelCase: KernelCase): CasePlan {
  const call = resolveCall(kernelCase.kernel, callOf(kernelCase));
  const row = kernelTable[kernelCase.kernel];
  if (!row) throw new Error(`${kernelCase.kernel}: expected a row in the kernel table, got none`);
  const plan = row.plan(call, (name) => kernelCase.args[name]?.data ?? [], limits);
  return { call, plan, slots: call.args.map((argument) => (argument ? 0 : -1)) };
}

/** What distinguishes a shader from others of its kernel: variant, parts, switches, absent arguments. Sizes (numbers of muscles, rows of memory) do not count. */
function featuresOf({ call: { spec, variant, args }, plan: { parts = [], constants = {} } }: CasePlan): string[] {
  return [
    `variant ${variant}`,
    ...parts.map((name) => `part ${name}`),
    ...Object.entries(constants).flatMap(([name, value]) => (typeof value === 'boolean' ? [`${name} ${value}`] : [])),
    ...spec.args.flatMap(({ name }, i) => (args[i] ? [] : [`no ${name}`])),
  ];
}

/** What the cases chosen so far have in common: shaders that they compile, pairs of parts in them. Begin with empty sets, shared by the kernels of a file of tests. */
export interface Covered {
  readonly shaders: Set<string>;
  readonly pairs: Set<string>;
}

function keyOf({ call, plan, slots }: CasePlan): string {
  return `${shaderKey(call, plan, slots)} ${JSON.stringify(plan.overrides ?? {})}`;
}

/**
 * Cases whose shaders have every feature that any case of theirs has. Among equals shaders that are compiled anyway come first, then those with new pairs of parts.
 * Every case that runs a chosen shader is among them, whatever its sizes.
 */
export function coveringCases(cases: readonly KernelCase[], covered: Covered): KernelCase[] {
  const open = new Map<string, { readonly features: string[]; readonly pairs: string[]; readonly cases: KernelCase[] }>();
  const wanted = new Set<string>();
  for (const kernelCase of cases) {
    const described = planOf(kernelCase);
    const key = keyOf(described);
    const features = featuresOf(described);
    for (const feature of features) wanted.add(feature);
    const parts = described.plan.parts ?? [];
    const entry = open.get(key) ?? { features, pairs: parts.flatMap((a, i) => parts.slice(i + 1).map((b) => `${a} ${b}`)), cases: [] };
    entry.cases.push(kernelCase);
    open.set(key, entry);
  }
  const chosen = new Set<KernelCase>();
  while (wanted.size > 0) {
    let [best, most] = ['', -1];
    for (const [key, { features, pairs }] of open) {
      const news = features.filter((feature) => wanted.has(feature)).length;
      const gain = news === 0 ? 0 : news + (covered.shaders.has(key) ? 0.5 : 0) + 0.01 * pairs.filter((pair) => !covered.pairs.has(pair)).length;
      if (gain > most) [best, most] = [key, gain];
    }
    const { features, pairs, cases: found } = open.get(best) as NonNullable<ReturnType<typeof open.get>>;
    for (const feature of features) wanted.delete(feature);
    for (const pair of pairs) covered.pairs.add(pair);
    covered.shaders.add(best);
    for (const kernelCase of found) {
      chosen.add(kernelCase);
      if (kernelCase.before) covered.shaders.add(keyOf(planOf(kernelCase.before)));
    }
  }
  return cases.filter((kernelCase) => chosen.has(kernelCase));
}
