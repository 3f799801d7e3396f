// What a case of a kernel launches on webgpu, without a device: its plan, and so its shader. Also which cases cover all parts of the shaders.
import type { KernelArgument, KernelCall } from '../../src/backends/backend.js';
import { kernelSpec, type ResolvedCall, resolveCall } from '../../src/backends/catalogue.js';
import { assembleShader, shaderKey } from '../../src/backends/webgpu/assemble.js';
import type { GpuLimits, GpuPlan } from '../../src/backends/webgpu/kernel-row.js';
import { kernelTable } from '../../src/backends/webgpu/kernel-table.js';
import type { KernelCase } from './cases.js';
import { sizeOf } from './values.js';

/** The default limits of WebGPU; time in chunks of three steps. */
const limits: GpuLimits = { bindingBytes: 2 ** 27, workgroupBytes: 16384, invocations: 256, stepsPerDispatch: () => 3 };

export interface CasePlan {
  readonly call: ResolvedCall;
  readonly plan: GpuPlan;
  /** All arguments in one slab, as are those that the shader is kept from touching. */
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
  return { call, plan, slots: call.args.map((argument, i) => (argument || plan.unused?.includes(call.spec.args[i]?.name ?? '') ? 0 : -1)) };
}

/**
 * What distinguishes a shader from others of its kernel: variant, parts, switches, arguments given and absent. Sizes (numbers of muscles, rows of memory) do not count, nor do
 * bodies in a closed loop, which the effector kernels prove; there it counts where forces and muscles are changed: both skeletons, and muscles observed at every stage.
 */
function featuresOf({ call: { spec, variant, args }, plan: { parts = [], constants = {} } }: CasePlan): string[] {
  const loop = spec.name.startsWith('closed_loop_');
  const changed = constants['CHANGES'] === true;
  return [
    `variant ${variant}`,
    ...parts.filter((name) => !(loop && name.startsWith('body_'))).map((name) => `part ${name}`),
    ...parts.filter((name) => changed && /^body_(skeleton_\w+|rk4)$/.test(name)).map((name) => `changes of ${name}`),
    ...Object.entries(constants).flatMap(([name, value]) => (typeof value === 'boolean' ? [`${name} ${value}`] : [])),
    ...spec.args.flatMap(({ name, optional }, i) => (optional ? [`${args[i] ? 'with' : 'no'} ${name}`] : [])),
  ];
}

/** Shaders that the cases chosen so far compile. Begin with an empty set, shared by the kernels of a file of tests. */
export type Covered = Set<string>;

/** The text of its shader, all arguments in one slab. */
export function textOf({ call, plan, slots }: CasePlan): string {
  return assembleShader(call, plan, slots, { slabs: 1, workspace: (plan.workspace ?? 0) > 0, table: plan.table !== undefined });
}

function keyOf({ call, plan, slots }: CasePlan): string {
  return `${shaderKey(call, plan, slots)} ${JSON.stringify(plan.overrides ?? {})}`;
}

/**
 * Cases whose shaders have every feature that any case of theirs has, those with most new ones for their length first: compilers take as long as texts are. Shaders
 * that are compiled anyway count as short. Every case that runs a chosen shader is among them, whatever its sizes.
 */
export function coveringCases(cases: readonly KernelCase[], covered: Covered): KernelCase[] {
  const open = new Map<string, { readonly features: Set<string>; readonly length: number; readonly cases: KernelCase[] }>();
  const wanted = new Set<string>();
  for (const kernelCase of cases) {
    const described = planOf(kernelCase);
    const key = keyOf(described);
    const features = featuresOf(described);
    const entry = open.get(key) ?? { features: new Set(), length: textOf(described).length, cases: [] };
    for (const feature of features) {
      wanted.add(feature);
      entry.features.add(feature);
    }
    entry.cases.push(kernelCase);
    open.set(key, entry);
  }
  const chosen = new Set<KernelCase>();
  while (wanted.size > 0) {
    let [best, most] = ['', -1];
    for (const [key, { features, length }] of open) {
      const gain = [...features].filter((feature) => wanted.has(feature)).length / (covered.has(key) ? 1000 : length);
      if (gain > most) [best, most] = [key, gain];
    }
    const { features, cases: found } = open.get(best) as NonNullable<ReturnType<typeof open.get>>;
    for (const feature of features) wanted.delete(feature);
    covered.add(best);
    for (const kernelCase of found) {
      chosen.add(kernelCase);
      if (kernelCase.before) covered.add(keyOf(planOf(kernelCase.before)));
    }
  }
  return cases.filter((kernelCase) => chosen.has(kernelCase));
}
