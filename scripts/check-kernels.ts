// Holds every kernel to the house rules: one name in all its places, header comments with their keys in order, arguments as in the catalogue.
// A backend without a kernel is stated in the catalogue (`absent`), with the reason. Exits 1 after printing every problem.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KernelSpec } from '../src/backends/catalogue.js';
import { kernels } from '../src/backends/kernels.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const problems: string[] = [];

/** The backends of this package and where their kernels stand. A new folder of kernels is one more row. */
const bodies: Readonly<Record<string, (name: string) => string>> = {
  reference: (name) => `src/backends/reference/${name}.ts`,
  wasm: (name) => `assembly/${name}.ts`,
  webgpu: (name) => `shaders/${name}.wgsl`,
  gpujs: (name) => `src/backends/gpujs/${name}.ts`,
};
const headerKeys = ['Math', 'In', 'Out', 'Mapping', 'Memory', 'Limits', 'Numerics', 'Twins'];

function read(path: string): string | null {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
}

/** The comment block at the top of a file: `{ key: text }` in order, continuation lines joined. */
function parseHeader(text: string): { title: string; keys: Map<string, string> } {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  const [title = '', ...rest] = lines.slice(0, end < 0 ? lines.length : end).map((line) => line.replace(/^\/\/ ?/, ''));
  const keys = new Map<string, string>();
  let current = '';
  for (const line of rest) {
    const match = /^([A-Z][a-z]+)(?: {2,}|$)(.*)$/.exec(line);
    if (match) current = match[1] as string;
    if (match) keys.set(current, match[2] as string);
    else if (current) keys.set(current, `${keys.get(current)} ${line.trim()}`);
  }
  return { title, keys };
}

function checkHeader(spec: KernelSpec, path: string, text: string): void {
  const { title, keys } = parseHeader(text);
  if (!title.startsWith(`${spec.name}: `)) problems.push(`${path}: expected line 1 to be "// ${spec.name}: …", got "// ${title}"`);
  const found = [...keys.keys()];
  if (found.join(', ') !== headerKeys.join(', '))
    problems.push(`${path}: expected the header keys ${headerKeys.join(', ')}, got ${found.join(', ') || 'none'}`);
  for (const key of headerKeys)
    if (keys.has(key) && (keys.get(key) as string).trim() === '') problems.push(`${path}: expected text behind "${key}", got nothing`);
  checkArguments(spec, path, keys.get('In') ?? '', 'In', ['read']);
  checkArguments(spec, path, keys.get('Out') ?? '', 'Out', ['write', 'update']);
  for (const twin of (keys.get('Twins') ?? '').match(/[\w./-]+\.(ts|wgsl)/g) ?? [])
    if (read(twin) === null) problems.push(`${path}: expected the twin ${twin} to exist`);
}

/** The header names the arguments of the catalogue, in its order. */
function checkArguments(spec: KernelSpec, path: string, text: string, key: string, access: readonly string[]): void {
  const expected = spec.args.filter((argument) => access.includes(argument.access)).map((argument) => argument.name);
  const words: string[] = text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  let from = 0;
  for (const name of expected) {
    const at = words.indexOf(name, from);
    if (at < 0) {
      problems.push(`${path}: expected "${key}" to name ${expected.join(', ')} in this order (src/backends/kernels.ts), got "${text.trim()}"`);
      return;
    }
    from = at + 1;
  }
}

// AssemblyScript kernels own no memory and take their mathematics from inline/.
const forbidden: readonly [RegExp, string][] = [
  [/\bnew\s+[A-Z]/, 'no allocation'],
  [/\b(Array|StaticArray|Map|Set|Float32Array|String)\b\s*</, 'no managed types'],
  [/\bMathf?\s*\./, 'no open-coded mathematics; use assembly/inline/'],
  [/^export\s+(let|const|var)\b/m, 'no exported globals'],
];

function checkAssembly(spec: KernelSpec, path: string, text: string): void {
  checkHeader(spec, path, text);
  const code = text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
  for (const [pattern, rule] of forbidden) {
    const match = pattern.exec(code);
    if (match) problems.push(`${path}: expected ${rule}, got "${match[0].trim()}"`);
  }
  const exported = [...code.matchAll(/^export function (\w+)/gm)].map((match) => match[1] as string);
  if (exported.length === 0) problems.push(`${path}: expected an export named ${spec.name}, got none`);
  for (const name of exported)
    if (!name.startsWith(spec.name)) problems.push(`${path}: expected exports named ${spec.name} or ${spec.name}_PHASE, got ${name}`);
  const index = read('assembly/index.ts') ?? '';
  for (const name of exported) {
    if (!new RegExp(`\\b${name}\\b`).test(index) && !index.includes(`export * from './${spec.name}'`))
      problems.push(`assembly/index.ts: expected it to export ${name}`);
  }
}

/** Shaders: entry points carry the kernel's name or stand in a part that it uses. */
function checkShader(spec: KernelSpec, path: string, text: string): void {
  checkHeader(spec, path, text);
  const code = text.replace(/\/\/(?!@use ).*$/gm, '');
  const entries = [...code.matchAll(/@compute\s+@workgroup_size\([^)]*\)\s+fn (\w+)/g)].map((match) => match[1] as string);
  if (!entries.includes(spec.name)) problems.push(`${path}: expected an entry point named ${spec.name}, got ${entries.join(', ') || 'none'}`);
  for (const name of entries)
    if (!name.startsWith(spec.name)) problems.push(`${path}: expected entry points named ${spec.name} or ${spec.name}_PHASE, got ${name}`);
  for (const [, part] of code.matchAll(/^\/\/@use (\S+)$/gm))
    if (read(`shaders/lib/${part}.wgsl`) === null) problems.push(`${path}: expected shaders/lib/${part}.wgsl, which it uses, to exist`);
  checkMathematics(path, text);
}

/** WGSL's own transcendental functions promise little, and differ between devices. */
function checkMathematics(path: string, text: string): void {
  const builtin = /\b(tanh|exp|exp2|log|log2|pow|sin|cos|tan)\s*\(/.exec(text.replace(/\/\/.*$/gm, ''));
  if (builtin) problems.push(`${path}: expected functions of shaders/lib/{math,trigonometry,power}.wgsl, got WGSL's own "${builtin[1]}"`);
}

for (const spec of kernels) {
  for (const name of Object.keys(spec.absent ?? {})) {
    if (!(name in bodies))
      problems.push(`src/backends/kernels.ts: ${spec.name}: expected absent backends among ${Object.keys(bodies).join(', ')}, got "${name}"`);
    if ((spec.absent?.[name] ?? '').length < 20)
      problems.push(`src/backends/kernels.ts: ${spec.name}: expected a reason why ${name} lacks it, got "${spec.absent?.[name]}"`);
  }
  for (const [backend, place] of Object.entries(bodies)) {
    const path = place(spec.name);
    const text = read(path);
    const absent = spec.absent?.[backend] !== undefined;
    if (text === null && !absent)
      problems.push(`${path}: expected this file, as ${spec.name} is in the catalogue; write it, or state in src/backends/kernels.ts why ${backend} lacks it`);
    if (text !== null && absent) problems.push(`${path}: expected no such file, as the catalogue says that ${backend} lacks ${spec.name}`);
    if (text === null) continue;
    if (backend === 'wasm') checkAssembly(spec, path, text);
    else if (backend === 'webgpu') checkShader(spec, path, text);
    else if (!text.startsWith(`// ${spec.name}: `)) problems.push(`${path}: expected line 1 to be "// ${spec.name}: …", got "${text.split('\n', 1)[0]}"`);
  }
  const cases = `test/cases/${spec.name}.ts`;
  if (read(cases) === null) problems.push(`${cases}: expected this file: every kernel has its cases`);
}

// What stands in a kernel's place must be a kernel: a renamed one leaves nothing behind.
const names = new Set(kernels.map((spec) => spec.name));
for (const [folder, extension, helpers] of [
  ['assembly', '.ts', 'inline'],
  ['shaders', '.wgsl', 'lib'],
] as const) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(extension) && entry.name !== 'index.ts' && !names.has(entry.name.slice(0, -extension.length)))
      problems.push(`${folder}/${entry.name}: expected a kernel of the catalogue; helpers belong in ${folder}/${helpers}/`);
  }
}

for (const part of readdirSync(join(root, 'shaders/lib'))) checkMathematics(`shaders/lib/${part}`, read(`shaders/lib/${part}`) ?? '');

for (const problem of problems) console.error(problem);
console.log(`check-kernels: ${kernels.length} kernels, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
