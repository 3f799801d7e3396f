// Puts a kernel's shader together: a generated prelude (numbers, bindings, accessors of the arguments, constants), then the parts it uses, each once, then the kernel.
import { KernelError } from '../../errors.js';
import type { DType } from '../backend.js';
import type { ResolvedCall } from '../catalogue.js';
import type { GpuPlan } from './kernel-row.js';
import type { GpuArray } from './memory.js';
import { shaders } from './shaders.gen.js';

/** Where the bindings of a shader lie: numbers at 0, then slabs, then workspace and table where there are any. */
export interface BindingPlan {
  readonly slabs: number;
  readonly workspace: boolean;
  readonly table: boolean;
}

/** Names of the numbers in the uniform, in order: dimension letters, parameters, the row's own, where each argument begins (elements). */
function uniformNames({ spec }: ResolvedCall, plan: GpuPlan): string[] {
  return [...spec.dims, ...spec.params.map(({ name }) => name), ...(plan.numbers ?? []), ...spec.args.map(({ name }) => `at_${name}`)];
}

/** The numbers of one dispatch, in the order of uniformNames. */
export function uniformOf(call: ResolvedCall, plan: GpuPlan, numbers: Readonly<Record<string, number>>, arrays: readonly (GpuArray | null)[]): Uint32Array {
  const names = uniformNames(call, plan);
  const words = new Uint32Array(names.length);
  const floats = new Float32Array(words.buffer);
  const { spec, dims, params } = call;
  let at = 0;
  for (const letter of spec.dims) words[at++] = dims[letter] as number;
  for (const { name, type } of spec.params) {
    if (type === 'f32') floats[at++] = params[name] as number;
    else words[at++] = (params[name] as number) >>> 0;
  }
  for (const name of plan.numbers ?? []) words[at++] = numbers[name] ?? 0;
  for (const array of arrays) words[at++] = array ? array.offset / 4 : 0;
  return words;
}

/** What chooses a shader's text: equal keys, equal text. `slots` gives the slab of each argument, -1 for an absent one. */
export function shaderKey({ spec, variant }: ResolvedCall, plan: GpuPlan, slots: readonly number[]): string {
  return [
    spec.name,
    variant,
    slots.join(','),
    (plan.parts ?? []).join(','),
    JSON.stringify(plan.constants ?? {}),
    plan.table ? 't' : '',
    (plan.workspace ?? 0) > 0 ? 'w' : '',
  ].join('|');
}

/** The whole text of the shader of a call. Throws KernelError for a part that does not exist. */
export function assembleShader(call: ResolvedCall, plan: GpuPlan, slots: readonly number[], bindings: BindingPlan): string {
  const kernel = call.spec.name;
  const parts: string[] = [];
  const seen = new Set<string>();
  const include = (name: string, by: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = shaders[name];
    if (text === undefined) throw new KernelError(`${kernel}: expected shaders/${name}.wgsl, which ${by} uses, got no such file`);
    for (const [, used] of text.matchAll(/^\/\/@use (\S+)$/gm)) include(`lib/${used}`, `shaders/${name}.wgsl`);
    parts.push(text.replace(/^\/\/@use .*\n?/gm, ''));
  };
  for (const part of plan.parts ?? []) include(`lib/${part}`, 'its row');
  include(kernel, 'the catalogue');
  return [prelude(call, plan, slots, bindings), ...parts].join('\n');
}

function prelude(call: ResolvedCall, plan: GpuPlan, slots: readonly number[], { slabs, workspace, table }: BindingPlan): string {
  const { spec, variantIndex } = call;
  const types = new Map(spec.params.map(({ name, type }) => [name, type]));
  const lines = [
    `struct Numbers { ${uniformNames(call, plan)
      .map((name) => `${name}: ${types.get(name) ?? 'u32'}`)
      .join(', ')} }`,
    '@group(0) @binding(0) var<uniform> p: Numbers;',
    ...Array.from({ length: slabs }, (_, i) => `@group(0) @binding(${i + 1}) var<storage, read_write> slab${i}: array<u32>;`),
    ...(workspace ? [`@group(0) @binding(${slabs + 1}) var<storage, read_write> workspace: array<vec4f>;`] : []),
    ...(table
      ? [
          `@group(0) @binding(${slabs + 1 + (workspace ? 1 : 0)}) var<storage, read> host_table: array<f32>;`,
          'fn table(i: u32) -> f32 { return host_table[i]; }',
        ]
      : []),
    `const VARIANT: u32 = ${variantIndex}u;`,
    'fn unit_of(workgroup: vec3u) -> u32 { return workgroup.x + workgroup.y * 65535u; }',
    ...Object.entries(plan.constants ?? {}).map(([name, value]) =>
      typeof value === 'boolean' ? `const ${name}: bool = ${value};` : `const ${name}: u32 = ${value}u;`,
    ),
    ...spec.args.flatMap(({ name, dtype, access }, i) => accessors(name, dtype, access !== 'read', slots[i] as number)),
  ];
  return lines.join('\n');
}

/** `has_NAME`, `get_NAME(i)` and, for what is written, `set_NAME(i, value)`. An absent argument reads 0 and takes nothing. */
function accessors(name: string, dtype: DType, written: boolean, slot: number): string[] {
  const present = slot >= 0;
  const place = `slab${slot}[p.at_${name} + i]`;
  const lines = [
    `const has_${name}: bool = ${present};`,
    `fn get_${name}(i: u32) -> ${dtype} { return ${present ? `bitcast<${dtype}>(${place})` : dtype === 'f32' ? '0.0' : '0'}; }`,
  ];
  if (written) lines.push(`fn set_${name}(i: u32, value: ${dtype}) { ${present ? `${place} = bitcast<u32>(value);` : ''} }`);
  return lines;
}
