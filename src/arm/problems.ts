// Everything that is wrong with the options of a body, in words and at once: what the schema finds and what only numbers side by side show.
import * as z from 'zod';
import { describeIssues, hostileProblems, problem, type SchemaNode } from '../problems.js';
import { shippedEffectors, skeletonLimits } from './effectors.js';
import { muscleKinds } from './muscles.js';
import { effectorOptions, type MuscleNumber, type MuscleType, muscleNumberNames, type SkeletonOptions } from './options.js';

type Loose = Readonly<Record<string, unknown>>;
type SkeletonType = SkeletonOptions['type'];

const isObject = (value: unknown): value is Loose => value !== null && typeof value === 'object' && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const entry = (value: unknown, index: number): unknown => (Array.isArray(value) ? value[index] : value);

let schemaCache: SchemaNode | null = null;

/** The JSON Schema of effector options, for wording. */
function effectorSchema(): SchemaNode {
  schemaCache ??= z.toJSONSchema(effectorOptions, { io: 'input', target: 'draft-7' }) as SchemaNode;
  return schemaCache;
}

/**
 * What keeps a value from being a body, one line a problem, `path: expected WHAT, got WHAT; what to do`; empty if it is one. The checks of the schema and
 * those across options run both, so that one look shows all.
 */
export function effectorProblems(input: unknown): string[] {
  if (!isObject(input)) return [problem([], 'an effector, e.g. { effector: RigidTendonArm26 }', input)];
  const hostile = hostileProblems(input);
  if (hostile.length > 0) return hostile;
  const parsed = effectorOptions.safeParse(input);
  const found = parsed.success ? [] : describeIssues(effectorSchema(), parsed.error.issues, input);
  const name = input.effector;
  if (typeof name !== 'string' || (name !== 'Custom' && !Object.hasOwn(shippedEffectors, name))) return found;
  return [...found, ...skeletonProblems(name, input), ...limitProblems(name, input), ...muscleProblems(name, input)];
}

/** Shipped effectors that fix the skeleton's type. */
function skeletonProblems(name: string, { skeleton }: Loose): string[] {
  const type = isObject(skeleton) ? skeleton.type : undefined;
  const shipped = name === 'Custom' ? null : shippedEffectors[name as keyof typeof shippedEffectors];
  if (!shipped || (type !== 'PointMass' && type !== 'TwoDofArm') || shipped.skeletonTypes.includes(type)) return [];
  return [problem(['skeleton', 'type'], shipped.skeletonTypes.join(' or '), type, `the muscles of ${name} are made for it`)];
}

/** The skeleton's type where it is known. */
function skeletonType(name: string, { skeleton }: Loose): SkeletonType | null {
  const given = isObject(skeleton) ? skeleton.type : undefined;
  if (given === 'PointMass' || given === 'TwoDofArm') return given;
  return name === 'Custom' ? null : shippedEffectors[name as keyof typeof shippedEffectors].skeleton.type;
}

/** Lower limits must be below upper ones, with defaults where nothing is given. */
function limitProblems(name: string, input: Loose): string[] {
  const type = skeletonType(name, input);
  const positions = name === 'Custom' ? (type ? skeletonLimits(type) : null) : shippedEffectors[name as keyof typeof shippedEffectors];
  const problems: string[] = [];
  const compare = (lowerName: string, upperName: string, presetLower: unknown, presetUpper: unknown): void => {
    const [given, lower, upper] = [input[upperName] === undefined ? lowerName : upperName, input[lowerName] ?? presetLower, input[upperName] ?? presetUpper];
    if (input[lowerName] === undefined && input[upperName] === undefined) return;
    for (const joint of [0, 1]) {
      const [low, high] = [entry(lower, joint), entry(upper, joint)];
      if (!isNumber(low) || !isNumber(high) || low < high) continue;
      const path = Array.isArray(input[given]) ? [given, joint] : [given];
      const words = given === upperName ? `more than ${lowerName} (${low})` : `less than ${upperName} (${high})`;
      problems.push(problem(path, words, given === upperName ? high : low, 'swap the limits'));
      if (path.length === 1 && !Array.isArray(lower) && !Array.isArray(upper)) return;
    }
  };
  if (positions) compare('positionLower', 'positionUpper', positions.positionLower, positions.positionUpper);
  compare('velocityLower', 'velocityUpper', -1000, 1000);
  return problems;
}

/** A number of one muscle, where it stands, or its default. */
interface Located {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

function muscleProblems(name: string, input: Loose): string[] {
  const shipped = name === 'Custom' ? null : shippedEffectors[name as keyof typeof shippedEffectors];
  const given = input.muscle ?? (name === 'RigidTendonArm26' ? 'MujocoHill' : name === 'Custom' ? undefined : 'Relu');
  const type = (shipped?.muscle ?? given) as MuscleType;
  const own: readonly unknown[] | null = name === 'Custom' ? (Array.isArray(input.muscles) ? input.muscles : null) : null;
  const count = shipped ? shipped.names.length : own?.length;
  const problems = own ? [...pathProblems(own, skeletonType(name, input)), ...nameProblems(own)] : [];
  if (typeof type !== 'string' || !Object.hasOwn(muscleKinds, type) || count === undefined) return problems;

  const common = isObject(input.muscleParameters) ? input.muscleParameters : {};
  const kind = muscleKinds[type];
  for (const key of muscleNumberNames) {
    const value = common[key];
    if (value !== undefined && kind.numbers[key] === undefined) problems.push(foreign(['muscleParameters', key], value, type));
    if (Array.isArray(value) && value.length !== count) problems.push(problem(['muscleParameters', key], `${count} numbers, one a muscle`, value));
    own?.forEach((muscle, index) => {
      if (isObject(muscle) && muscle[key] !== undefined && kind.numbers[key] === undefined) problems.push(foreign(['muscles', index, key], muscle[key], type));
    });
  }
  const missing = new Set<string>();
  for (let index = 0; index < count; index++) {
    const muscle = own?.[index];
    const locate = (key: MuscleNumber): Located => {
      if (isObject(muscle) && muscle[key] !== undefined) return { path: ['muscles', index, key], value: muscle[key] };
      const shared = common[key];
      if (shared !== undefined)
        return { path: Array.isArray(shared) ? ['muscleParameters', key, index] : ['muscleParameters', key], value: entry(shared, index) };
      const preset = key === 'maximumForce' || key === 'optimalLength' || key === 'tendonLength' ? shipped?.[key]?.[index] : undefined;
      return { path: ['muscleParameters', key], value: preset ?? kind.numbers[key] ?? undefined };
    };
    for (const key of muscleNumberNames) {
      if (kind.numbers[key] !== null || common[key] !== undefined || locate(key).value !== undefined) continue;
      if (own && isObject(muscle)) problems.push(problem(['muscles', index, key], `a number, which ${type} needs`, undefined));
      else if (!own && !missing.has(key))
        problems.push(problem(['muscleParameters', key], `a number, which ${type} needs`, undefined, `${name} has no default`));
      missing.add(key);
    }
    problems.push(...curveProblems(type, locate));
  }
  return [...new Set(problems)];
}

function foreign(path: readonly (string | number)[], value: unknown, type: MuscleType): string {
  const owners = (Object.keys(muscleKinds) as MuscleType[]).filter((other) => muscleKinds[other].numbers[path.at(-1) as MuscleNumber] !== undefined);
  return problem(path, `a number of ${type}`, value, `only ${owners.join(', ')} ${owners.length === 1 ? 'has' : 'have'} it: remove it`);
}

/** Numbers of one muscle that must stand in a certain order for its curves to exist. */
function curveProblems(type: MuscleType, locate: (key: MuscleNumber) => Located): string[] {
  const problems: string[] = [];
  const expect = (key: MuscleNumber, words: string, holds: (value: number) => boolean): void => {
    const { path, value } = locate(key);
    if (isNumber(value) && value > 0 && !holds(value)) problems.push(problem(path, words, value));
  };
  if (type === 'MujocoHill') {
    expect('minimumLength', 'a number below 0.95, where the small hump of the force-length curve ends', (value) => value < 0.95);
    expect('maximumLength', 'a number above 1, the optimal length', (value) => value > 1);
    expect('maximumForceVelocity', 'a number above 1, the isometric force', (value) => value > 1);
  }
  if (type === 'RigidTendonHill' || type === 'CompliantTendonHill')
    expect('slack', 'a number below 1.66, where the passive force reaches the isometric one', (value) => value < 1.66);
  return problems;
}

/** Geometry of user-built muscles. */
function pathProblems(muscles: readonly unknown[], skeleton: SkeletonType | null): string[] {
  const kinds = ['points', 'polynomial', 'momentArms'] as const;
  const known = skeleton === 'PointMass' ? ['world', 'mass'] : skeleton === 'TwoDofArm' ? ['world', 'upperArm', 'forearm'] : null;
  const problems: string[] = [];
  let firstKind: string | null = null;
  muscles.forEach((muscle, index) => {
    if (!isObject(muscle)) return;
    const given = kinds.filter((kind) => muscle[kind] !== undefined);
    if (given.length !== 1) {
      const got = given.length === 0 ? 'none' : given.join(' and ');
      problems.push(`muscles.${index}: expected exactly one of ${kinds.join(', ')}, got ${got}`);
      return;
    }
    firstKind ??= given[0] as string;
    if (given[0] !== firstKind)
      problems.push(`muscles.${index}: expected ${firstKind}, as in the muscles before, got ${given[0]}; a body has one kind of geometry`);
    const points = muscle.points;
    if (!Array.isArray(points)) return;
    if (points.length < 2)
      problems.push(`muscles.${index}.points: expected at least two points, got ${points.length}; a muscle pulls between an origin and an insertion`);
    points.forEach((point, at) => {
      if (!isObject(point)) return;
      const { body } = point;
      if (known && ['world', 'mass', 'upperArm', 'forearm'].includes(body as string) && !known.includes(body as string))
        problems.push(problem(['muscles', index, 'points', at, 'body'], `one of ${known.join(', ')}`, body, `a ${skeleton} has no ${body}`));
      const before = points[at - 1];
      if (isObject(before) && samePlace(before, point))
        problems.push(`muscles.${index}.points.${at}: expected another place than the point before, got the same; a segment without length has no direction`);
    });
  });
  return problems;
}

function samePlace(a: Loose, b: Loose): boolean {
  return a.body === b.body && Array.isArray(a.at) && Array.isArray(b.at) && a.at[0] === b.at[0] && a.at[1] === b.at[1];
}

/** Figures and tables tell muscles apart by name. */
function nameProblems(muscles: readonly unknown[]): string[] {
  const names = muscles.map((muscle, index) => (isObject(muscle) ? (muscle.name ?? `muscle_${index + 1}`) : null));
  return names.flatMap((name, index) =>
    name !== null && names.indexOf(name) < index ? [problem(['muscles', index, 'name'], 'a name of its own', name, 'another muscle has it')] : [],
  );
}
