// Holds every import in src/ to the order of the house: a module imports only what stands before it. Prints each breach; exits 1 on any.
// The rules are those of docs/design.md, "Layers".
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const problems: string[] = [];

/** First to last. Modules of one row may import each other only within their own folder, those of the first row freely. */
const order: readonly (readonly string[])[] = [
  ['errors', 'problems', 'random', 'math', 'version', 'platform'],
  ['backends'],
  ['tensor'],
  ['arm', 'models'],
  ['tasks'],
  ['interventions'],
  ['rollout'],
  ['training'],
  ['config'],
  ['runs'],
  ['analysis'],
  ['simulator'],
  ['report'],
  ['startup'],
  ['jobs'],
  ['browser'],
  ['cli', 'lab'],
  ['index.core'],
  ['index.browser'],
  ['index'],
];
const startup = ['backends/create', 'backends/self-check'];

interface Import {
  readonly from: string;
  /** `backends/create` for a module of ours, else the package's name. */
  readonly to: string;
  readonly ours: boolean;
  readonly typeOnly: boolean;
}

/** The row's name that a module belongs to: its folder, with the seam (files directly in backends/), each backend and the start-up code told apart. */
function group(module: string): string {
  if (startup.includes(module)) return 'startup';
  const [folder = '', inner, file] = module.split('/');
  return folder === 'backends' && file !== undefined ? `backends/${inner}` : folder;
}

function rank(module: string): number {
  const name = group(module);
  const folder = name.startsWith('backends/') ? 'backends' : name;
  const row = order.findIndex((names) => names.includes(folder));
  if (row < 0) problems.push(`src/${module}.ts: expected a folder known to scripts/check-layers.ts, got "${folder}"; give it a place in the order`);
  return row;
}

/** Says what is wrong with an import between two of our modules, or null. */
function breach({ from, to, typeOnly }: Import): string | null {
  const [source, target] = [group(from), group(to)];
  if (source === target) return null;
  if (source === 'startup') {
    const rollsOut = from === 'backends/self-check' && ['arm', 'models', 'rollout'].includes(target);
    return target.startsWith('backends') || rank(to) <= 1 || rollsOut
      ? null
      : 'the start-up code imports only the backends, the seam and the first row (the self-check also what a rollout takes)';
  }
  if (target.startsWith('backends/')) return 'only the start-up code (backends/create.ts, backends/self-check.ts) names a backend';
  if (source.startsWith('backends/'))
    return target === 'backends' || rank(to) === 0 ? null : 'a backend imports only the seam (the files directly in backends/) and the first row';
  if (['runs', 'analysis', 'report'].includes(source) && target === 'training') {
    return typeOnly && to === 'training/events'
      ? null
      : `${source} reads the run directory, not training; only the types of training/events.ts may be imported`;
  }
  if (source === 'config' && from !== 'config/train' && !typeOnly) {
    if (['tensor', 'backends', 'rollout'].includes(target) || (target === 'training' && to !== 'training/options'))
      return 'only config/train.ts runs anything; the rest of config assembles options';
  }
  if (source === 'platform' && target === 'runs' && typeOnly) return null; // it implements the interface of storage
  const [a, b] = [rank(from), rank(to)];
  if (b < a || (a === b && a === 0)) return null;
  return `"${target}" stands behind "${source}" in the order of the house`;
}

// Names that only src/platform may use: everything else runs in Node and in browsers alike.
const hostNames = new Set([
  'process',
  'Buffer',
  'require',
  '__dirname',
  'window',
  'document',
  'navigator',
  'location',
  'localStorage',
  'indexedDB',
  'Deno',
  'Bun',
]);

function parse(path: string): { imports: Import[]; hosts: string[] } {
  const from = relative('src', path).replace(/\.ts$/, '').split('\\').join('/');
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const hosts: string[] = [];
  const add = (specifier: string, typeOnly: boolean) => {
    const ours = specifier.startsWith('.');
    const to = ours ? posix.join(posix.dirname(from), specifier).replace(/\.(js|ts)$/, '') : specifier;
    imports.push({ from, to, ours, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, isTypeOnly(node));
      return;
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) add(node.argument.literal.text, true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0] && ts.isStringLiteral(node.arguments[0]))
      add(node.arguments[0].text, false);
    if (ts.isIdentifier(node) && hostNames.has(node.text) && isFreeName(node)) hosts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, hosts };
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    return (
      node.isTypeOnly ||
      (node.exportClause !== undefined && ts.isNamedExports(node.exportClause) && node.exportClause.elements.every((element) => element.isTypeOnly))
    );
  }
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  return (
    !clause.name &&
    clause.namedBindings !== undefined &&
    ts.isNamedImports(clause.namedBindings) &&
    clause.namedBindings.elements.every((element) => element.isTypeOnly)
  );
}

/** True for a name that stands for the host's global: not a property, a key, a parameter, a local variable or a type. */
function isFreeName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.expression !== node) return false;
  const declares =
    (ts.isParameter(parent) || ts.isVariableDeclaration(parent) || ts.isBindingElement(parent) || ts.isFunctionDeclaration(parent)) && parent.name === node;
  if (
    declares ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isTypeNode(parent)
  )
    return false;
  return !isShadowed(node);
}

function isShadowed(node: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = node.parent; scope; scope = scope.parent) {
    if (ts.isFunctionLike(scope) && scope.parameters.some((parameter) => parameter.name.getText().match(/\w+/g)?.includes(node.text))) return true;
    if (ts.isBlock(scope) || ts.isSourceFile(scope)) {
      const declared = scope.statements.some(
        (statement) => ts.isVariableStatement(statement) && statement.declarationList.declarations.some((d) => d.name.getText() === node.text),
      );
      if (declared) return true;
    }
  }
  return false;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const files = new Map(sources('src').map((path) => [path.slice(4, -3), parse(path)]));

for (const [module, { imports, hosts }] of files) {
  const isPlatform = group(module) === 'platform';
  for (const name of new Set(isPlatform ? [] : hosts))
    problems.push(`src/${module}.ts: expected only src/platform to touch the host, got "${name}"; add what is needed to src/platform`);
  for (const entry of imports) {
    const reason = entry.ours ? breach(entry) : null;
    if (reason) problems.push(`src/${module}.ts: expected an import that keeps the order, got ${entry.to}; ${reason}`);
    if (entry.to.startsWith('node:') && !isPlatform && !entry.typeOnly)
      problems.push(`src/${module}.ts: expected only src/platform to touch the host, got an import of ${entry.to}`);
  }
}

/**
 * Cycles of value imports: with one, the order in which modules start depends on who is imported first. The operations on tensors are let off: the
 * gradient of one is made of others, and they call each other only once all are loaded.
 */
function findCycles(): void {
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (module: string): void => {
    if (state.get(module) === 'done' || !files.has(module)) return;
    if (state.get(module) === 'open') {
      if (module.startsWith('tensor/operations/')) return;
      problems.push(`src/${module}.ts: expected no cycle of imports, got ${[...trail.slice(trail.indexOf(module)), module].join(' → ')}`);
      return;
    }
    state.set(module, 'open');
    trail.push(module);
    for (const { to, ours, typeOnly } of files.get(module)?.imports ?? []) if (ours && !typeOnly) visit(to);
    trail.pop();
    state.set(module, 'done');
  };
  for (const module of files.keys()) visit(module);
}
findCycles();

// What a browser loads must reach neither Node nor the libraries kept out of the browser core.
const nodeOnly = new Set(['platform/node', 'platform/terminal', 'platform/files', 'commander', 'yaml']);
const reached = new Map<string, string>([['index.browser', '']]);
for (const [module] of reached) {
  for (const { to, typeOnly } of files.get(module)?.imports ?? []) {
    if (typeOnly || reached.has(to)) continue;
    reached.set(to, module);
    if (nodeOnly.has(to) || to.startsWith('node:'))
      problems.push(`src/index.browser.ts: expected nothing that needs Node, got ${to}, imported by src/${module}.ts`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`check-layers: ${files.size} modules, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
