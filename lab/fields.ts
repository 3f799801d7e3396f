// Which settings a form offers: read from the JSON Schema of experiments, so that every default, limit and description is the package's own.
import { experimentJsonSchema } from '../src/config/json-schema.js';
import type { SchemaNode } from '../src/problems.js';
import type { Path } from './draft.js';

export interface FieldSpec {
  readonly path: Path;
  /** `switchProbability` → `Switch probability`. */
  readonly label: string;
  readonly kind: 'integer' | 'number' | 'boolean' | 'choice';
  readonly choices: readonly string[];
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Undefined where there is none, or where it depends on other settings. */
  readonly preset: unknown;
  readonly description: string;
}

interface Node {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
}

const schema = (): Node => experimentJsonSchema() as SchemaNode as Node;

/** `switchProbability` → `Switch probability`. */
export function labelOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A field for a simple option; null for what a form cannot hold (lists, bodies). Options that take a number or a list count as numbers. */
function fieldOf(path: Path, node: Node): FieldSpec | null {
  const alternatives = node.anyOf ?? [];
  const simple = alternatives.find((each) => each.type === 'number' || each.type === 'integer') ?? node;
  const kind = simple.enum ? 'choice' : simple.type === 'boolean' || simple.type === 'number' || simple.type === 'integer' ? simple.type : null;
  if (kind === null) return null;
  const least = simple.minimum ?? (kind === 'integer' && simple.exclusiveMinimum !== undefined ? simple.exclusiveMinimum + 1 : simple.exclusiveMinimum);
  return {
    path,
    label: labelOf(String(path.at(-1))),
    kind,
    choices: simple.enum ?? [],
    minimum: least ?? null,
    maximum: simple.maximum !== undefined && simple.maximum < 1e9 ? simple.maximum : null,
    preset: node.default ?? simple.default,
    description: node.description ?? simple.description ?? '',
  };
}

function fieldsOf(node: Node | undefined, path: Path): FieldSpec[] {
  return Object.entries(node?.properties ?? {}).flatMap(([name, child]) => (child.const === undefined ? (fieldOf([...path, name], child) ?? []) : []));
}

const branch = (node: Node | undefined, key: string, value: unknown): Node | undefined => node?.oneOf?.find((each) => each.properties?.[key]?.const === value);

/** Names of all tasks that a form can offer; a task of one's own needs a file. */
export function taskNames(): string[] {
  return (schema().properties?.task?.oneOf ?? []).map((each) => String(each.properties?.name?.const)).filter((name) => name !== 'custom');
}

/** The options of a task; `senses` and `bodies` are those of tasks with a body (one of one's own needs the text). */
export function taskFields(name: unknown): { readonly own: FieldSpec[]; readonly senses: FieldSpec[]; readonly bodies: readonly string[] } {
  const node = branch(schema().properties?.task, 'name', name);
  return {
    own: fieldsOf(node, ['task']),
    senses: fieldsOf(node?.properties?.sensors, ['task', 'sensors']),
    bodies: (node?.properties?.effector?.oneOf ?? []).map((each) => String(each.properties?.effector?.const)).filter((body) => body !== 'Custom'),
  };
}

/** The parts of a task that consists of several, any of which may be chosen; none where it does not. */
export function taskParts(name: unknown): readonly string[] {
  return branch(schema().properties?.task, 'name', name)?.properties?.tasks?.items?.enum ?? [];
}

/** The muscles that a body can have; none to choose from where it has its own. */
export function muscleNames(task: unknown, effector: unknown): readonly string[] {
  const node = branch(branch(schema().properties?.task, 'name', task)?.properties?.effector, 'effector', effector);
  return node?.properties?.muscle?.enum ?? [];
}

/** Names of the cells that a model can have. */
export function cellNames(): string[] {
  return (schema().properties?.models?.items?.oneOf ?? []).map((each) => String(each.properties?.cell?.const));
}

/** An option of a model with the given cell. */
export function modelField(index: number, cell: unknown, option: string): FieldSpec | null {
  const node = branch(schema().properties?.models?.items, 'cell', cell)?.properties?.[option];
  return node ? fieldOf(['models', index, option], node) : null;
}

/** An option of the experiment outside task and models: `['data', 'trials']`. */
export function optionField(path: Path, at: Path = path): FieldSpec {
  let node: Node | undefined = schema();
  for (const key of path) node = node?.properties?.[key];
  const field = node && fieldOf(at, node);
  if (!field) throw new Error(`lab: expected an option of experiments, got ${path.join('.')}`);
  return field;
}
