// SGD, Adam (with PyTorch's L2) and AdamW on the flat parameter vector: one norm, one update kernel, moments beside the parameters.
// Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101. The update's equations stand in optimizer_step.
import type { Backend, KernelArgument } from '../backends/backend.js';
import { ConfigError, ShapeError } from '../errors.js';
import type { ParameterView } from '../models/model.js';
import { Workspace } from '../rollout/workspace.js';
import type { TrainingOptions } from './options.js';

export interface OptimizerOptions {
  readonly optimizer: TrainingOptions['optimizer'];
  readonly weightDecay: number;
  /** Largest global 2-norm of the gradient over the trainable parameters: coefficient min(1, clip / (norm + 1e-6)); null: none. */
  readonly clip: number | null;
}

/**
 * 0 for every parameter that `freeze` names, else 1; null when nothing is frozen. An entry is a tensor's name or, ending in a dot, the
 * beginning of several. Throws ConfigError for an entry that fits nothing, and when nothing would be left to train.
 */
export function freezeMask(parameters: readonly ParameterView[], freeze: readonly string[]): Float32Array | null {
  if (freeze.length === 0) return null;
  const mask = new Float32Array(parameters.reduce((sum, view) => sum + view.length, 0)).fill(1);
  const problems: string[] = [];
  for (const entry of freeze) {
    const matches = parameters.filter(({ name }) => (entry.endsWith('.') ? name.startsWith(entry) : name === entry));
    if (matches.length === 0) problems.push(`training.freeze: expected names among ${parameters.map((view) => view.name).join(', ')}, got "${entry}"`);
    for (const view of matches) mask.fill(0, view.offset, view.offset + view.length);
  }
  if (problems.length === 0 && !mask.includes(1)) problems.push('training.freeze: expected at least one parameter left to train, got none');
  if (problems.length > 0) throw new ConfigError('optimizer', problems);
  return mask;
}

/** Optimiser state on a backend: moments, step counter, the gradient's norm. */
export class Optimizer {
  /** Updates made so far. */
  steps = 0;
  /** Norm of the last gradient measured, before clipping [1]. */
  readonly norm: KernelArgument;
  readonly #options: OptimizerOptions;
  readonly #parameters: KernelArgument;
  readonly #workspace: Workspace;
  readonly #mask: KernelArgument | null = null;
  readonly #moments: KernelArgument[] = [];

  /** `parameters` [P] is updated in place by every step; `mask` as `freezeMask` gives it. */
  constructor(backend: Backend, parameters: KernelArgument, options: OptimizerOptions, mask: Float32Array | null = null) {
    this.#options = options;
    this.#parameters = parameters;
    this.#workspace = new Workspace(backend);
    try {
      this.norm = this.#workspace.allocate([1]);
      if (mask) this.#mask = this.#workspace.upload(mask, parameters.shape);
      for (let i = 0; i < momentCount(options.optimizer); i++) this.#moments.push(this.#workspace.allocate(parameters.shape));
    } catch (error) {
      this.#workspace.dispose();
      throw error;
    }
  }

  /** Queues the 2-norm of the trainable part of a gradient [P] into `norm`. */
  measure(gradient: KernelArgument): void {
    this.#workspace.backend.run('gradient_norm', { args: { gradient, mask: this.#mask, norm: this.norm } });
  }

  /** Queues one update; `measure` must have seen this gradient. */
  step(gradient: KernelArgument, learningRate: number): void {
    this.steps++;
    const { optimizer, weightDecay, clip } = this.#options;
    const adaptive = optimizer.name !== 'sgd';
    this.#workspace.backend.run('optimizer_step', {
      variant: optimizer.name,
      args: { gradient, norm: this.norm, mask: this.#mask, parameters: this.#parameters, moment1: this.#moments[0], moment2: this.#moments[1] },
      params: {
        learning_rate: learningRate,
        weight_decay: weightDecay,
        clip: clip ?? 0,
        ...(adaptive
          ? {
              beta1: optimizer.beta1,
              beta2: optimizer.beta2,
              epsilon: optimizer.epsilon,
              // In f64 on the host: in f32, 1 − 0.999^k would lose digits that the kernel cannot get back.
              correction1: 1 - power(optimizer.beta1, this.steps),
              correction2: 1 - power(optimizer.beta2, this.steps),
            }
          : { momentum: optimizer.momentum }),
      },
    });
  }

  /** Moments as they are now, each [P]: one for SGD with momentum, two for Adam, none for plain SGD. */
  async moments(): Promise<Float32Array[]> {
    return Promise.all(this.#moments.map(async ({ buffer }) => Float32Array.from(await this.#workspace.backend.read(buffer))));
  }

  /** Puts back what `moments` returned and the step count that belonged to it. */
  restore(moments: readonly Float32Array[], steps: number): void {
    const length = this.#parameters.shape[0] as number;
    if (moments.length !== this.#moments.length || moments.some((moment) => moment.length !== length)) {
      throw new ShapeError(
        `Optimizer.restore: expected ${this.#moments.length} moments of ${length} numbers, got ${moments.map((moment) => moment.length).join(', ') || 'none'}; was the optimiser another one?`,
      );
    }
    this.#moments.forEach(({ buffer }, i) => {
      this.#workspace.backend.write(buffer, moments[i] as Float32Array);
    });
    this.steps = steps;
  }

  dispose(): void {
    this.#workspace.dispose();
  }
}

/** Moments that an optimiser keeps. */
export function momentCount(optimizer: TrainingOptions['optimizer']): number {
  if (optimizer.name === 'sgd') return optimizer.momentum > 0 ? 1 : 0;
  return 2;
}

/** base^exponent for a whole exponent by repeated squaring: Math.pow differs between engines in the last bit. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), square *= square) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}
