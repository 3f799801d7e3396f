// What is wrong with options, in words: one line a problem, `path: expected WHAT, got WHAT; what to do`.
import type { z } from 'zod';

/** A node of a JSON Schema, as far as these messages read it. */
export interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode | readonly SchemaNode[];
  /** Of a record: what every value is. */
  readonly additionalProperties?: SchemaNode | boolean;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
}

type Path = readonly (string | number)[];

/** Keys that would reach an object's prototype; no option is called so. */
const hostileKeys = new Set(['__proto__', 'constructor', 'prototype']);
const deepest = 32;

function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

/** A value as a message shows it: JSON, shortened, with the numbers that JSON lacks. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
  }
  if (Array.isArray(value) && value.length === 0) return 'an empty list';
  if (Array.isArray(value))
    return value.length > 4 || value.some((item) => typeof item === 'object' && item !== null)
      ? `a list of ${value.length}`
      : `[${value.map(valueText).join(', ')}]`;
  return 'an object';
}

export function problem(path: readonly PropertyKey[], expected: string, value: unknown, advice?: string): string {
  return `${path.length === 0 ? '' : `${pathText(path)}: `}expected ${expected}, got ${valueText(value)}${advice ? `; ${advice}` : ''}`;
}

/** Keys that aim at prototypes and nesting beyond any option's; a value with such is not looked at further. */
export function hostileProblems(value: unknown, path: Path = []): string[] {
  if (path.length > deepest) return [`${pathText(path.slice(0, 4))}: expected at most ${deepest} levels, got more`];
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => hostileProblems(item, [...path, index])).slice(0, 20);
  const own = Object.keys(value);
  return own
    .flatMap((key) =>
      hostileKeys.has(key)
        ? [`${pathText([...path, key])}: expected a known option, got a reserved key; remove it`]
        : hostileProblems((value as Record<string, unknown>)[key], [...path, key]),
    )
    .slice(0, 20);
}

/** The problems that a schema found, each with path and value. `root` is what was parsed; `prefix` is where `root` stands below `schema`. */
export function describeIssues(schema: SchemaNode, issues: readonly z.core.$ZodIssue[], root: unknown, prefix: Path = []): string[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...(issue.path as Path)];
    const value = valueAt(root, issue.path as Path);
    const node = nodeAt(schema, path, rootAt(root, prefix));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(schema, path, key, (value as Record<string, unknown>)[key], value, root, prefix));
    if (issue.code === 'invalid_union' && 'discriminator' in issue && 'options' in issue) {
      const names = (issue.options as unknown[]).map(String);
      const advice = suggestion(value, names);
      return [problem(path, `one of ${names.join(', ')}`, value, advice)];
    }
    if (issue.code === 'invalid_union') {
      // A value of the right kind with something wrong inside, e.g. one number of a list.
      const inside = issue.errors.find((errors) => errors.length > 0 && errors.every((inner) => inner.path.length > 0));
      if (inside)
        return describeIssues(
          schema,
          inside.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
          root,
          prefix,
        );
    }
    if (issue.code === 'invalid_value')
      return [problem(path, `one of ${issue.values.map(String).join(', ')}`, value, suggestion(value, issue.values.map(String)))];
    return [
      problem(
        path,
        node ? describeNode(node) : issue.message,
        value,
        issue.code === 'invalid_type' && typeof value === 'string' && node?.oneOf ? `write { ${discriminatorOf(node)}: ${value} }` : undefined,
      ),
    ];
  });
}

function unknownKey(schema: SchemaNode, path: Path, key: string, value: unknown, holder: unknown, root: unknown, prefix: Path): string {
  const node = nodeAt(schema, path, rootAt(root, prefix));
  const known = Object.keys(node?.properties ?? {});
  const union = unionAt(schema, path, rootAt(root, prefix));
  const field = union ? discriminatorOf(union) : null;
  if (union?.oneOf && field !== null) {
    const owners = union.oneOf
      .filter((option) => option.properties !== undefined && Object.hasOwn(option.properties, key))
      .map((option) => String(option.properties?.[field]?.const));
    const current = valueText((holder as Record<string, unknown>)[field]).replaceAll('"', '');
    if (owners.length > 0)
      return problem([...path, key], `an option of ${field} ${current}`, value, `${key} belongs to ${owners.join(', ')}: remove it or change ${field}`);
  }
  return problem([...path, key], 'a known option', value, suggestion(key, known) ?? `known here: ${known.join(', ')}`);
}

/** `did you mean 'X'?` when one of the names is close: at most a third of the letters differ (and never more than three). */
export function suggestion(given: unknown, names: readonly string[]): string | undefined {
  if (typeof given !== 'string') return undefined;
  let best: string | undefined;
  let least = Math.min(3, Math.max(1, Math.floor(given.length / 3))) + 1;
  for (const name of names) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best === undefined ? undefined : `did you mean ${best}?`;
}

/** Levenshtein distance; a swap of neighbours counts as one (optimal string alignment). */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 3) return 4;
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[to.length] as number;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path)
    value = value !== null && typeof value === 'object' && Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
  return value;
}

/** `value` as it would stand in an experiment below `prefix`, so that paths from the top find it. */
function rootAt(value: unknown, prefix: Path): unknown {
  return prefix.reduceRight<unknown>((inner, key) => (typeof key === 'number' ? Object.assign([], { [key]: inner }) : { [key]: inner }), value);
}

/** The schema node that governs a path of a value: of a union the option whose discriminator the value names. */
function nodeAt(schema: SchemaNode, path: Path, root: unknown): SchemaNode | undefined {
  let node: SchemaNode | undefined = chooseOption(schema, root);
  let value = root;
  for (const key of path) {
    value = valueAt(value, [key]);
    const next: SchemaNode | undefined = typeof key === 'number' ? itemAt(node, key) : (node?.properties?.[key] ?? recordOf(node));
    node = next ? chooseOption(next, value) : undefined;
  }
  return node;
}

/** The union at a path, before an option is chosen. */
function unionAt(schema: SchemaNode, path: Path, root: unknown): SchemaNode | undefined {
  if (path.length === 0) return undefined;
  const parent = nodeAt(schema, path.slice(0, -1), root);
  const key = path.at(-1) as string | number;
  const node = typeof key === 'number' ? itemAt(parent, key) : parent?.properties?.[key];
  return node?.oneOf ? node : undefined;
}

/** The schema of an entry of a list; a tuple has one for each. */
function itemAt(node: SchemaNode | undefined, index: number): SchemaNode | undefined {
  const items = node?.items;
  return items !== undefined && 'length' in items ? items[index] : items;
}

function recordOf(node: SchemaNode | undefined): SchemaNode | undefined {
  const each = node?.additionalProperties;
  return typeof each === 'object' ? each : undefined;
}

function chooseOption(node: SchemaNode, value: unknown): SchemaNode {
  if (node.anyOf) {
    if (Array.isArray(value)) return node.anyOf.find((option) => option.type === 'array') ?? node;
    const inner = node.anyOf.find((option) => option.type !== 'null');
    return inner && value !== null && typeof value === 'object' ? inner : node;
  }
  if (!node.oneOf || value === null || typeof value !== 'object') return node;
  const field = discriminatorOf(node);
  return node.oneOf.find((option) => field !== null && option.properties?.[field]?.const === valueAt(value, [field])) ?? node;
}

function discriminatorOf(union: SchemaNode): string | null {
  const first = union.oneOf?.[0]?.properties;
  return first ? (Object.keys(first).find((key) => first[key]?.const !== undefined) ?? null) : null;
}

/** `a whole number above 0, at most 65536`, … */
function describeNode(node: SchemaNode): string {
  if (node.anyOf) return node.anyOf.map(describeNode).join(' or ');
  if (node.oneOf) return 'an object';
  if (node.enum) return `one of ${node.enum.map(String).join(', ')}`;
  switch (node.type) {
    case 'null':
    case undefined:
      return node.const === undefined ? 'null' : String(node.const);
    case 'integer':
    case 'number': {
      const noun = node.type === 'integer' ? 'a whole number' : 'a number';
      const bounds: string[] = [];
      if (node.exclusiveMinimum !== undefined) bounds.push(`above ${node.exclusiveMinimum}`);
      if (node.minimum !== undefined && node.minimum > Number.MIN_SAFE_INTEGER) bounds.push(`of at least ${node.minimum}`);
      if (node.exclusiveMaximum !== undefined) bounds.push(`below ${node.exclusiveMaximum}`);
      if (node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER) bounds.push(`at most ${node.maximum}`);
      return bounds.length === 0 ? noun : `${noun} ${bounds.join(' and ')}`;
    }
    case 'array':
      if (node.items !== undefined && 'length' in node.items) return `a list of ${node.items.length}`;
      return node.minItems === undefined ? 'a list' : `a list of at least ${node.minItems}`;
    case 'object':
      return 'an object';
    case 'string':
      return node.pattern === undefined ? 'a text' : `a name matching ${node.pattern}`;
    default:
      return node.type === 'boolean' ? 'true or false' : `a ${node.type}`;
  }
}
