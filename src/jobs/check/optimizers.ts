// check, kind optimizers: each optimiser on the file's quadratic, from its own gradients: gradients, norms, clipping, parameters, step by step.
import type { Backend, KernelArgument } from '../../backends/backend.js';
import { RunFormatError } from '../../errors.js';
import { sizeOf, Workspace } from '../../rollout/workspace.js';
import { describe } from '../../runs/safetensors.js';
import { matmul, multiply, reshape, subtract, sum, tidy, valueAndGradients } from '../../tensor/index.js';
import { borrow } from '../../tensor/tensor.js';
import { Optimizer, type OptimizerOptions } from '../../training/optimizer.js';
import type { Comparison } from './compare.js';
import type { GoldenFile, Section } from './golden-file.js';

/** The quadratic 0.5 (x − x_opt)ᵀ A (x − x_opt) and where it starts; its variables are tensors one behind the other. */
interface Problem {
  readonly size: number;
  readonly matrix: ArrayLike<number>;
  readonly optimum: ArrayLike<number>;
  readonly start: Float64Array;
  readonly variables: readonly { readonly name: string; readonly offset: number; readonly length: number }[];
}

/** Replays every case of `config.cases`. */
export async function checkOptimizers(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const problem = problemOf(file);
  comparison.given('quadratic.A', 'quadratic.x_opt', ...problem.variables.map(({ name }) => `init.${name}`));
  const cases = file.section('config').section('cases');
  for (const name of cases.keys) await checkCase(backend, comparison, problem, name, cases.section(name));
}

function problemOf(file: GoldenFile): Problem {
  const stated = file.metadata('param_order_in_quadratic');
  const initial = file.names.filter((name) => name.startsWith('init.')).map((name) => name.slice('init.'.length));
  // Without a stated order: w, then b, then whatever else there is.
  const fallback = [...['w', 'b'].filter((name) => initial.includes(name)), ...initial.filter((name) => name !== 'w' && name !== 'b')];
  const order = Array.isArray(stated) && stated.every((name) => typeof name === 'string') ? stated : fallback;
  let size = 0;
  const variables = order.map((name: string) => {
    const variable = { name, offset: size, length: sizeOf(file.tensor(`init.${name}`).shape) };
    size += variable.length;
    return variable;
  });
  const start = new Float64Array(size);
  for (const { name, offset } of variables) start.set(file.tensor(`init.${name}`).data, offset);
  return { size, matrix: file.tensor('quadratic.A', [size, size]).data, optimum: file.tensor('quadratic.x_opt', [size]).data, start, variables };
}

async function checkCase(backend: Backend, comparison: Comparison, problem: Problem, name: string, settings: Section): Promise<void> {
  const { file } = comparison;
  const { size, variables } = problem;
  const { options, learningRate, scale } = settingsOf(file, name, settings);
  const steps = stepsOf(file, name, variables[0]?.name ?? '');
  const trace = {
    grad: new Float64Array(steps * size),
    clipped_grad: new Float64Array(steps * size),
    param: new Float64Array(steps * size),
    grad_norm: new Float64Array(steps),
  };
  const workspace = new Workspace(backend);
  const parameters = workspace.upload(problem.start, [size]);
  const clipped = workspace.allocate([size]);
  const optimizer = new Optimizer(backend, parameters, options);
  // What clipping leaves of a gradient: one plain step of size 1 from zero, with the sign turned.
  const clipper = new Optimizer(backend, clipped, { optimizer: { name: 'sgd', momentum: 0 }, weightDecay: 0, clip: options.clip });
  try {
    const matrix = workspace.upload(problem.matrix, [size, size]);
    const optimum = workspace.upload(problem.optimum, [size]);
    const gradient = workspace.allocate([size]);
    for (let step = 0; step < steps; step++) {
      quadraticGradient(backend, { matrix, optimum, parameters, gradient, scale });
      optimizer.measure(gradient);
      optimizer.step(gradient, learningRate);
      backend.write(clipped.buffer, new Float64Array(size));
      clipper.measure(gradient);
      clipper.step(gradient, 1);
      trace.grad.set(await backend.read(gradient.buffer), step * size);
      trace.param.set(await backend.read(parameters.buffer), step * size);
      trace.clipped_grad.set(
        (await backend.read(clipped.buffer)).map((value) => -value),
        step * size,
      );
      trace.grad_norm[step] = (await backend.read(optimizer.norm.buffer, 0, 1))[0] as number;
    }
  } finally {
    for (const owner of [optimizer, clipper, workspace]) owner.dispose();
  }
  comparison.compare(`${name}.grad_norm`, trace.grad_norm);
  for (const variable of variables) {
    for (const kind of ['grad', 'clipped_grad', 'param'] as const) comparison.compare(`${name}.${kind}.${variable.name}`, columns(trace[kind], size, variable));
  }
}

/** gradient = ∂/∂x of scale · ½ dᵀ A d with d = x − x_opt, by the tape. */
function quadraticGradient(
  backend: Backend,
  at: {
    readonly matrix: KernelArgument;
    readonly optimum: KernelArgument;
    readonly parameters: KernelArgument;
    readonly gradient: KernelArgument;
    readonly scale: number;
  },
): void {
  const size = at.parameters.shape[0] as number;
  tidy(() => {
    const matrix = borrow(backend, at.matrix);
    const optimum = borrow(backend, at.optimum);
    const { gradients } = valueAndGradients(
      (x) => {
        const distance = reshape(subtract(x, optimum), [size, 1]);
        return multiply(sum(multiply(distance, matmul(matrix, distance))), 0.5 * at.scale);
      },
      [borrow(backend, at.parameters)],
    );
    backend.copy((gradients[0] as KernelArgument).buffer, 0, at.gradient.buffer, 0, size);
  });
}

/** PyTorch's arguments as options of ours, with PyTorch's defaults. Throws RunFormatError for an argument that we do not have. */
function settingsOf(file: GoldenFile, name: string, settings: Section): { options: OptimizerOptions; learningRate: number; scale: number } {
  const where = `${file.name}: case ${name}`;
  const kind = settings.string('optimizer', '');
  const args = settings.section('args');
  const betas = args.entry('betas') ?? [0.9, 0.999];
  if (!Array.isArray(betas) || betas.length !== 2 || !betas.every((beta) => typeof beta === 'number' && beta >= 0 && beta < 1)) {
    throw new RunFormatError(`${where}: expected betas [β₁, β₂], got ${describe(betas)}`);
  }
  const known = ['lr', 'weight_decay', 'betas', 'eps', 'momentum'];
  for (const key of args.keys) {
    if (!known.includes(key) && args.entry(key)) throw new RunFormatError(`${where}: expected arguments ${known.join(', ')}, got "${key}"`);
  }
  const clip = settings.entry('clip') === null ? 0 : settings.number('clip', 0);
  const common = { weightDecay: args.number('weight_decay', kind === 'adamw' ? 0.01 : 0), clip: clip > 0 ? clip : null };
  const numbers = { learningRate: args.number('lr', 1e-3), scale: settings.number('scale', 1) };
  const adaptive = { beta1: betas[0] as number, beta2: betas[1] as number, epsilon: args.number('eps', 1e-8) };
  switch (kind) {
    case 'adam':
      return { options: { ...common, optimizer: { name: 'adam', ...adaptive } }, ...numbers };
    case 'adamw':
      return { options: { ...common, optimizer: { name: 'adamw', ...adaptive } }, ...numbers };
    case 'sgd':
      return { options: { ...common, optimizer: { name: 'sgd', momentum: args.number('momentum', 0) } }, ...numbers };
    default:
      throw new RunFormatError(`${where}: expected optimizer adam, adamw or sgd, got "${kind}"`);
  }
}

/** Updates that the file recorded for a case. */
function stepsOf(file: GoldenFile, name: string, variable: string): number {
  const recorded = ['param', 'grad'].map((kind) => `${name}.${kind}.${variable}`).find((tensor) => file.has(tensor));
  if (recorded === undefined) throw new RunFormatError(`${file.name}: expected ${name}.param.${variable}, got none; the case is listed in config.cases`);
  return file.tensor(recorded).shape[0] ?? 0;
}

/** The part of a trace [steps, P] that belongs to one variable, as [steps, length]. */
function columns(trace: Float64Array, size: number, { offset, length }: Problem['variables'][number]): Float64Array {
  const steps = trace.length / size;
  const part = new Float64Array(steps * length);
  for (let step = 0; step < steps; step++) part.set(trace.subarray(step * size + offset, step * size + offset + length), step * length);
  return part;
}
