// A golden file as `check` sees it: its kind by name, its tensors, its metadata (every value a JSON document), and what was looked at.
import { RunFormatError } from '../../errors.js';
import { type ArrayTensor, describe, readSafetensors } from '../../runs/safetensors.js';

/** Every kind that a golden file may have: the longest that its name begins with. */
export const goldenKinds = [
  'muscle_',
  'skeletons',
  'effector_',
  'closed_loop',
  'random_target_dataset',
  'model_',
  'losses',
  'task_nbff',
  'task_multitask_',
  'optimizers',
  'fixed_points',
  'fixed_points_golub',
  'analysis',
  'dsa',
] as const;
export type GoldenKind = (typeof goldenKinds)[number];

/** The kind of a file by its base name, or null. */
export function kindOf(file: string): GoldenKind | null {
  const fitting = goldenKinds.filter((kind) => file.startsWith(kind));
  return fitting.reduce<GoldenKind | null>((longest, kind) => (longest !== null && longest.length >= kind.length ? longest : kind), null);
}

/** Largest deviation that the original showed in float32, by tensor. */
interface Float32Error {
  readonly max_abs_err?: number;
}

/** One file, read. Every accessor throws RunFormatError, naming file and tensor, where the file is not what its kind needs. */
export class GoldenFile {
  readonly name: string;
  readonly #tensors: ReadonlyMap<string, ArrayTensor>;
  readonly #metadata: ReadonlyMap<string, string>;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    const { tensors, metadata } = readSafetensors(bytes, name);
    this.#tensors = tensors;
    this.#metadata = metadata;
  }

  /** All names, in the order of the file. */
  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** A tensor; with `shape`, checked: null fits any size. */
  tensor(name: string, shape?: readonly (number | null)[]): ArrayTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new RunFormatError(`${this.name}: expected a tensor ${name}, got none`);
    if (shape && (tensor.shape.length !== shape.length || shape.some((size, axis) => size !== null && size !== tensor.shape[axis]))) {
      throw new RunFormatError(`${this.name}: expected ${name} of shape [${shape.map((size) => size ?? '·').join(', ')}], got [${tensor.shape.join(', ')}]`);
    }
    return tensor;
  }

  /** A metadata value, parsed; null where it is absent. */
  metadata(key: string): unknown {
    const text = this.#metadata.get(key);
    if (text === undefined) return null;
    try {
      return JSON.parse(text);
    } catch {
      throw new RunFormatError(`${this.name}: expected metadata ${key} as a JSON document, got ${describe(text)}`);
    }
  }

  /** A metadata value that is an object; empty where it is absent. */
  section(key: string): Section {
    const value = this.metadata(key);
    return new Section(value ?? {}, `${this.name}: metadata ${key}`);
  }

  /** `max_abs_err` of a tensor in the table `float32_error`, 0 where it is not listed. */
  float32Error(name: string): number {
    const entry = this.section('float32_error').entry(name) as Float32Error | undefined;
    const error = entry?.max_abs_err;
    return typeof error === 'number' && Number.isFinite(error) ? error : 0;
  }
}

/** An object of a file's metadata; reads own properties only and checks their types. */
export class Section {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RunFormatError(`${where}: expected an object, got ${describe(value)}`);
    this.#values = value as Record<string, unknown>;
    this.where = where;
  }

  get keys(): string[] {
    return Object.keys(this.#values);
  }

  entry(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }

  section(key: string): Section {
    return new Section(this.entry(key) ?? {}, `${this.where}.${key}`);
  }

  number(key: string, fallback: number): number {
    const value = this.entry(key) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new RunFormatError(`${this.where}.${key}: expected a number, got ${describe(value)}`);
    return value;
  }

  string(key: string, fallback: string): string {
    const value = this.entry(key) ?? fallback;
    if (typeof value !== 'string') throw new RunFormatError(`${this.where}.${key}: expected a string, got ${describe(value)}`);
    return value;
  }
}
