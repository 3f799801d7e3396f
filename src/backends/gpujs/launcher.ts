// Runs gpu.js kernels: element i of the result is what the body returns. Compiled once for each text and lengths; values stay on the GPU until they are read.
import { BackendError } from '../../errors.js';
import type { GpujsInstance, GpujsKernel, GpujsLibrary, GpujsValue } from '../../platform/gpujs.js';
import { functions, quotientNative, quotientSource } from './functions.js';

/** `webgl2`: on the GPU of a browser; `webasm` and `cpu`: on the processor, in gpu.js's WebAssembly and plain JavaScript. */
export const gpujsVariants = ['webgl2', 'webasm', 'cpu'] as const;
export type GpujsVariant = (typeof gpujsVariants)[number];

/** Numbers of a launch: whole ones are integers in GLSL, the others floats. */
export interface LaunchNumbers {
  readonly ints?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
}

/**
 * Kernels of `webasm` that stay compiled. Each has a WebAssembly memory of its own, for which a browser sets 8 GB of addresses and more aside: at some hundred
 * it gives no more. A training step takes at most 40.
 */
const mostModules = 64;

/** Textures of a fragment shader that WebGL2 guarantees, less some for what the library binds itself. */
const stackWidth = 12;

export class Launcher {
  readonly variant: GpujsVariant;
  readonly #gpu: GpujsInstance;
  readonly #kernels = new Map<string, GpujsKernel>();
  readonly #lengths = new WeakMap<object, number>();
  #launches = 0;
  #live = 0;

  constructor(library: GpujsLibrary, variant: GpujsVariant) {
    this.variant = variant;
    this.#gpu = new library({ mode: variant });
    const number = (names: readonly string[], type: string) => Object.fromEntries(names.map((name) => [name, type]));
    if (variant === 'webgl2') this.#gpu.addNativeFunction('quotient', quotientNative);
    else this.#gpu.addFunction(quotientSource, { argumentTypes: number(['a', 'b'], 'Integer'), returnType: 'Integer' });
    for (const { source, arguments: names } of functions) this.#gpu.addFunction(source, { argumentTypes: number(names, 'Number'), returnType: 'Number' });
    // gpu.js makes its context with the first kernel; without one there is nothing to describe and nothing that could be lost.
    this.release(this.run('return 0.0;', 1, {}));
  }

  /** Launches since the start. */
  get launches(): number {
    return this.#launches;
  }

  /** Values that were made and not yet released. */
  get live(): number {
    return this.#live;
  }

  /** The kernels' drawing surface: where a lost context is told. */
  get canvas(): unknown {
    return this.#gpu.canvas;
  }

  get context(): unknown {
    return this.#gpu.context;
  }

  lengthOf(value: GpujsValue): number {
    return this.#lengths.get(value) ?? (value as Float32Array).length;
  }

  /**
   * A new value of `length` elements; in `body`, a function's text, `i` is the element and the names of `values` and `numbers` are arguments.
   * Throws BackendError where the text does not compile.
   */
  run(body: string, length: number, values: Readonly<Record<string, GpujsValue>>, { ints = {}, floats = {} }: LaunchNumbers = {}): GpujsValue {
    if (length === 0) return this.#made(new Float32Array(0), 0);
    const names = [...Object.keys(values), ...Object.keys(ints), ...Object.keys(floats)];
    const given = Object.values(values);
    const source = `function (${names.join(', ')}) { const i = this.thread.x; ${body} }`;
    const key = `${length} ${given.map((value) => `${kindOf(value)}${this.lengthOf(value)}`).join(' ')} ${source}`;
    let kernel = this.#kernels.get(key);
    if (kernel && this.variant === 'webasm') {
      // in the order of their last use
      this.#kernels.delete(key);
      this.#kernels.set(key, kernel);
    }
    if (!kernel) {
      const argumentTypes = [...given.map(kindOf), ...Object.keys(ints).map(() => 'Integer'), ...Object.keys(floats).map(() => 'Float')];
      kernel = this.#gpu.createKernel(source, {
        output: [length],
        pipeline: true,
        immutable: true,
        precision: 'single',
        tactic: 'precision',
        returnType: 'Number',
        ...(names.length > 0 ? { argumentTypes } : {}),
      });
      this.#kernels.set(key, kernel);
      if (this.variant === 'webasm') this.#forget();
    }
    this.#launches++;
    const result = kernel(...given, ...Object.values(ints), ...Object.values(floats));
    if (this.variant === 'webgl2' && result instanceof Float32Array)
      throw new BackendError(`gpujs: expected a kernel on WebGL2, got one on the processor (${kernel.kernel.fallbackReason ?? 'no reason given'})`);
    return this.#made(result, length);
  }

  /** Lets go of the kernels that were used least recently, as many as are too many. */
  #forget(): void {
    for (const [key, kernel] of this.#kernels) {
      if (this.#kernels.size <= mostModules) break;
      this.#kernels.delete(key);
      kernel.destroy();
    }
  }

  /** Host data as a value. */
  upload(data: ArrayLike<number>): GpujsValue {
    const values = data instanceof Float32Array ? data : Float32Array.from(data);
    return this.variant === 'webgl2' ? this.run('return x[i];', values.length, { x: values }) : this.#made(values.slice(), values.length);
  }

  /** A copy on the host. */
  read(value: GpujsValue): Float32Array {
    if (value instanceof Float32Array) return value.slice();
    const data = value.toArray();
    return data.length === this.lengthOf(value) ? data : data.slice(0, this.lengthOf(value));
  }

  /** All values of equal length one behind the other, released. At least one. */
  stack(given: readonly GpujsValue[]): GpujsValue {
    const [first] = given as [GpujsValue];
    if (given.length === 1) return first;
    const length = this.lengthOf(first);
    if (first instanceof Float32Array) {
      const all = new Float32Array(length * given.length);
      given.forEach((value, k) => all.set(value as Float32Array, k * length));
      this.release(...given);
      return this.#made(all, all.length);
    }
    // Groups of equal size but the last, as deep as they must be; the last level puts unequal lengths one behind the other.
    let level = [...given];
    while (level.length > 1) {
      const next: GpujsValue[] = [];
      for (let start = 0; start < level.length; start += stackWidth) next.push(this.#join(level.slice(start, start + stackWidth)));
      level = next;
    }
    return level[0] as GpujsValue;
  }

  #join(parts: readonly GpujsValue[]): GpujsValue {
    if (parts.length === 1) return parts[0] as GpujsValue;
    const starts: number[] = [];
    let length = 0;
    for (const part of parts) {
      starts.push(length);
      length += this.lengthOf(part);
    }
    const choices = parts.map((_, k) => `if (i >= ${starts[k]}) { value = p${k}[i - ${starts[k]}]; }`);
    // From the last to the first, each branch excluding those before it: one fetch an element.
    const body = `let value = 0.0; ${choices.reverse().join(' else ')} return value;`;
    const joined = this.run(body, length, Object.fromEntries(parts.map((part, k) => [`p${k}`, part])));
    this.release(...parts);
    return joined;
  }

  release(...values: readonly GpujsValue[]): void {
    for (const value of values) {
      if (!this.#lengths.delete(value)) continue;
      this.#live--;
      if (!(value instanceof Float32Array)) value.delete();
    }
  }

  async dispose(): Promise<void> {
    this.#kernels.clear();
    await this.#gpu.destroy();
  }

  #made(value: GpujsValue, length: number): GpujsValue {
    this.#lengths.set(value, length);
    this.#live++;
    return value;
  }
}

/** gpu.js's name for the type of an argument. */
function kindOf(value: GpujsValue): string {
  return value instanceof Float32Array ? 'Array' : value.type;
}
