// A model's cell as a state map in f64, on any backend that has the kernels cell_jacobian and damped_step (wasm, reference).
import type { Backend, BufferHandle, DType, KernelArgument } from '../../backends/backend.js';
import { kernelSpec } from '../../backends/catalogue.js';
import { BackendError, NumericsError, ShapeError } from '../../errors.js';
import type { Model } from '../../models/model.js';
import type { DampedStep, Linearisation, StateMap } from './state-map.js';

/** Bytes that one launch's Jacobians may take: larger batches run in parts. 64 MiB are 512 states of 128 units. */
const jacobianBytes = 2 ** 26;
const largestPart = 4096;

const cellNames = { gru: 'GRU', lstm: 'LSTM', rnn: 'Vanilla RNN', node: 'NODE', driscoll: 'Driscoll RNN' } as const;

/**
 * The cell of `model` with `parameters` [P] as the map x' = F(x, u), without noise; the state of an LSTM is h, then c. `dispose` frees its buffers, not the backend.
 * Throws BackendError when the backend has no f64 kernels (WebGPU), ShapeError for another number of parameters, NumericsError when one is not finite.
 */
export function createCellMap(backend: Backend, model: Model, parameters: ArrayLike<number>): StateMap {
  const { name } = backend.description;
  for (const kernel of ['cell_jacobian', 'damped_step']) {
    const reason = kernelSpec(kernel).absent?.[name];
    if (reason !== undefined) throw new BackendError(`createCellMap: expected a backend with ${kernel}, got ${name}: ${reason}`);
  }
  if (parameters.length !== model.parameterCount)
    throw new ShapeError(`createCellMap: expected ${model.parameterCount} parameters, got ${parameters.length}; do they belong to another model?`);
  checkParameters(model, parameters);
  return new CellMap(backend, model, parameters);
}

function checkParameters(model: Model, parameters: ArrayLike<number>): void {
  const problems = model.parameters.flatMap(({ name, offset, length }) => {
    for (let i = 0; i < length; i++) if (!Number.isFinite(parameters[offset + i])) return [`${name} holds ${parameters[offset + i]} at element ${i}`];
    return [];
  });
  if (problems.length > 0) throw new NumericsError(`createCellMap: expected finite parameters, got some that are not: ${problems.join('; ')}`);
}

type Workspace = Readonly<Record<'states' | 'inputs' | 'next', KernelArgument>>;

class CellMap implements StateMap {
  readonly stateSize: number;
  readonly inputSize: number;
  readonly description: string;
  readonly #backend: Backend;
  readonly #model: Model;
  readonly #owned = new Set<BufferHandle>();
  readonly #parameters: KernelArgument;
  readonly #layerSizes: KernelArgument | null;
  /** Buffers of calls so far by name, each as long as its longest call. */
  readonly #buffers = new Map<string, BufferHandle>();

  constructor(backend: Backend, model: Model, parameters: ArrayLike<number>) {
    this.stateSize = model.stateSize;
    this.inputSize = model.inputSize;
    this.description = `${cellNames[model.cell]} with ${model.hiddenSize} units`;
    this.#backend = backend;
    this.#model = model;
    this.#parameters = this.#upload(parameters, 'f32');
    this.#layerSizes = model.kernel.layerSizes ? this.#upload(model.kernel.layerSizes, 'i32') : null;
  }

  async evaluate(states: Float64Array, inputs: Float64Array): Promise<Float64Array> {
    const S = this.stateSize;
    const next = new Float64Array(states.length);
    await this.#inParts(states, inputs, largestPart, async (part, first, count) => {
      this.#run('cell_jacobian', part);
      next.set(await this.#read(part.next, count * S), first * S);
    });
    return next;
  }

  async linearise(states: Float64Array, inputs: Float64Array, withInputs = false): Promise<Linearisation> {
    const [S, I] = [this.stateSize, this.inputSize];
    const K = states.length / S;
    const next = new Float64Array(K * S);
    const jacobian = new Float64Array(K * S * S);
    const inputJacobian = withInputs ? new Float64Array(K * S * I) : null;
    await this.#inParts(states, inputs, this.#partSize(), async (part, first, count) => {
      const args: Record<string, KernelArgument> = { ...part, jacobian: this.#buffer('jacobian', [count, S, S]) };
      if (withInputs) args['input_jacobian'] = this.#buffer('input_jacobian', [count, S, I]);
      this.#run('cell_jacobian', args);
      const [a, b, c] = await Promise.all([
        this.#read(part.next, count * S),
        this.#read(args['jacobian'] as KernelArgument, count * S * S),
        args['input_jacobian'] ? this.#read(args['input_jacobian'], count * S * I) : new Float64Array(0),
      ]);
      next.set(a, first * S);
      jacobian.set(b, first * S * S);
      inputJacobian?.set(c, first * S * I);
    });
    return { next, jacobian, inputJacobian };
  }

  async dampedStep(states: Float64Array, inputs: Float64Array, damping: Float64Array): Promise<DampedStep> {
    const S = this.stateSize;
    const K = states.length / S;
    if (damping.length !== K) throw new ShapeError(`dampedStep: expected damping [${K}], got [${damping.length}]`);
    const result = { next: new Float64Array(K * S), speed: new Float64Array(K), step: new Float64Array(K * S) };
    await this.#inParts(states, inputs, this.#partSize(), async (part, first, count) => {
      const jacobian = this.#buffer('jacobian', [count, S, S]);
      this.#run('cell_jacobian', { ...part, jacobian });
      const given = this.#write('damping', damping.subarray(first, first + count), [count]);
      const step = this.#buffer('step', [count, S]);
      const speed = this.#buffer('speed', [count]);
      this.#run('damped_step', { states: part.states, next: part.next, jacobian, damping: given, step, speed });
      const [a, b, c] = await Promise.all([this.#read(part.next, count * S), this.#read(speed, count), this.#read(step, count * S)]);
      result.next.set(a, first * S);
      result.speed.set(b, first);
      result.step.set(c, first * S);
    });
    return result;
  }

  async dispose(): Promise<void> {
    if (this.#backend.lostReason() === null) for (const buffer of this.#owned) this.#backend.free(buffer);
    this.#owned.clear();
    this.#buffers.clear();
  }

  #partSize(): number {
    return Math.max(1, Math.min(largestPart, Math.floor(jacobianBytes / (8 * this.stateSize ** 2))));
  }

  /** Runs `body` on at most `size` states at a time. Launches and reads of a part are queued in one go, so that calls that overlap do not mix. */
  async #inParts(
    states: Float64Array,
    inputs: Float64Array,
    size: number,
    body: (part: Workspace, first: number, count: number) => Promise<void>,
  ): Promise<void> {
    const [S, I] = [this.stateSize, this.inputSize];
    const K = states.length / S;
    if (!Number.isInteger(K) || inputs.length !== K * I)
      throw new ShapeError(`${this.description}: expected states [K, ${S}] and inputs [K, ${I}], got ${states.length} and ${inputs.length} numbers`);
    for (let first = 0; first < K; first += size) {
      const count = Math.min(size, K - first);
      const part = {
        inputs: this.#write('inputs', inputs.subarray(first * I, (first + count) * I), [count, I]),
        states: this.#write('states', states.subarray(first * S, (first + count) * S), [count, S]),
        next: this.#buffer('next', [count, S]),
      };
      await body(part, first, count);
    }
  }

  #run(kernel: 'cell_jacobian' | 'damped_step', given: Readonly<Record<string, KernelArgument>>): void {
    const cell = kernel === 'cell_jacobian';
    const { variant, params } = this.#model.kernel;
    const args: Record<string, KernelArgument | null> = cell ? { ...given, parameters: this.#parameters, layer_sizes: this.#layerSizes } : { ...given };
    const call = cell ? { variant, params, args } : { args };
    args['scratch'] = this.#buffer(`${kernel} scratch`, [this.#backend.scratchLength(kernel, 'scratch', call)], 'f32');
    this.#backend.run(kernel, call);
  }

  #read({ buffer }: KernelArgument, length: number): Promise<Float64Array> {
    return this.#backend.read(buffer, 0, length) as Promise<Float64Array>;
  }

  #write(name: string, data: Float64Array, shape: readonly number[]): KernelArgument {
    const argument = this.#buffer(name, shape);
    this.#backend.write(argument.buffer, data);
    return argument;
  }

  /** A buffer that is kept for the next call, with at least the elements of `shape`. */
  #buffer(name: string, shape: readonly number[], dtype: DType = 'f64'): KernelArgument {
    const length = shape.reduce((product, size) => product * size, 1);
    let buffer = this.#buffers.get(name);
    if (!buffer || buffer.length < length) {
      if (buffer) this.#free(buffer);
      buffer = this.#allocate(length, dtype);
      this.#buffers.set(name, buffer);
    }
    return { buffer, shape, dtype };
  }

  #upload(data: ArrayLike<number>, dtype: DType): KernelArgument {
    const buffer = this.#allocate(data.length, dtype);
    this.#backend.write(buffer, data);
    return { buffer, shape: [data.length], dtype };
  }

  #allocate(length: number, dtype: DType): BufferHandle {
    const buffer = this.#backend.allocate(length, dtype);
    this.#owned.add(buffer);
    return buffer;
  }

  #free(buffer: BufferHandle): void {
    this.#owned.delete(buffer);
    this.#backend.free(buffer);
  }
}
