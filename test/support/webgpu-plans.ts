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

/** What distinguishes a shader from others of its kernel: variant, parts, constants, absent arguments. */
function featuresOf({ call: { spec, variant, args }, plan: { parts = [], constants = {} } }: CasePlan): string[] {
  return [
    `variant ${variant}`,
    ...parts.map((name) => `part ${name}`),
    ...Object.entries(constants).map(([name, value]) => `${name} ${value}`),
    ...spec.args.flatMap(({ name }, i) => (args[i] ? [] : [`no ${name}`])),
  ];
}

/**
 * Cases whose shaders have every feature that any case of theirs has; `pairs` gathers pairs of parts over several kernels, each of which is then in one of them.
 * Every case that runs a chosen shader is among them, whatever its sizes.
 */
export function coveringCases(cases: readonly KernelCase[], pairs: Set<string>): KernelCase[] {
  const open = new Map<string, { readonly features: Set<string>; readonly cases: KernelCase[] }>();
  for (const kernelCase of cases) {
    const described = planOf(kernelCase);
    const key = `${shaderKey(described.call, described.plan, described.slots)} ${JSON.stringify(described.plan.overrides ?? {})}`;
    const parts = described.plan.parts ?? [];
    const joined = parts.flatMap((a, i) => parts.slice(i + 1).map((b) => `${a} with ${b}`)).filter((pair) => !pairs.has(pair));
    const entry = open.get(key) ?? { features: new Set([...featuresOf(described), ...joined]), cases: [] };
    entry.cases.push(kernelCase);
    open.set(key, entry);
  }
  const wanted = new Set([...open.values()].flatMap(({ features }) => [...features].filter((feature) => !feature.includes(' with '))));
  const chosen = new Set<KernelCase>();
  while (wanted.size > 0) {
    const gain = ({ features }: { features: Set<string> }) => {
      const all = [...features];
      return all.filter((feature) => wanted.has(feature)).length + 0.01 * all.filter((feature) => feature.includes(' with ') && !pairs.has(feature)).length;
    };
    const best = [...open.values()].reduce((a, b) => (gain(b) > gain(a) ? b : a));
    for (const feature of best.features) {
      wanted.delete(feature);
      if (feature.includes(' with ')) pairs.add(feature);
    }
    for (const kernelCase of best.cases) chosen.add(kernelCase);
  }
  return cases.filter((kernelCase) => chosen.has(kernelCase));
}
