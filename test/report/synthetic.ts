// A made-up summary of a flip-flop experiment with the shapes of a real one: what report tests draw.
import type { ExperimentSummary, FigureArray, MemoryState, RunSummary } from '../../src/analysis/summary-data.js';
import { normalAt, randomKey, uniformAt } from '../../src/random.js';

export interface SyntheticOptions {
  readonly models?: readonly { name: string; description: string; hiddenSize: number; quality: number; seeds?: number }[];
  readonly trials?: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly bits?: number;
}

const backend = { name: 'wasm', variant: 'simd', threads: 2, adapter: null, reason: 'WASM with shared memory: 2 threads on 2 cores' };

/** `quality` 0: ignores its input; 1: holds every bit. */
export function syntheticSummary({
  models = [
    { name: 'GRU-128', description: 'GRU with 128 units', hiddenSize: 128, quality: 1 },
    { name: 'NODE-3', description: 'NODE with 3 states, layers 64–64', hiddenSize: 3, quality: 0.55 },
  ],
  trials = 12,
  steps = 500,
  epochs = 60,
  bits = 3,
}: SyntheticOptions = {}): ExperimentSummary {
  const { inputs, targets } = flipflop(trials, steps, bits);
  const runs = models.flatMap((model, m) =>
    Array.from({ length: model.seeds ?? 1 }, (_, seed) => syntheticRun(model, m, seed, targets, trials, steps, epochs, bits)),
  );
  const positions = runs.map((_, i) => i);
  const r2 = positions.map((a) => positions.map((b) => (a === b ? 1 : Math.min((runs[a] as RunSummary).hiddenSize, 30) / 30 - 0.03)));
  return {
    format: 'motorloop-analysis',
    version: 1,
    name: 'quickstart',
    hash: '3f2a9c01d4e5b678',
    seed: 0,
    task: {
      name: 'flipflop',
      parameters: { bits, steps, switchProbability: 0.015, noise: 0.15, transitionBlind: 4, stimulated: false },
      steps,
      stepDuration: null,
      inputLabels: labels('input', bits),
      outputLabels: labels('bit', bits),
      lossKind: 'squared error',
      binary: true,
    },
    data: { trials: 1000, trainingTrials: 800, validationTrials: 200, seed: 0 },
    noise: 'noise as in training',
    environment: {
      version: '0.1.0',
      commit: null,
      runtime: 'Node 20.19.4',
      machine: 'linux x64, 2 cores',
      command: 'npx motorloop run experiments/quickstart.yaml',
      date: '2026-11-22',
    },
    backend,
    constantLoss: 0.233,
    runs,
    trials: { indices: Array.from({ length: trials }, (_, k) => 800 + k), stride: 1, inputs, targets },
    reach: null,
    similarity: {
      runs: positions,
      r2,
      perComponent: r2.map((row) => row.map((value) => [value, value * 0.8, value * 0.5])),
      trainingSamples: 400_000,
      validationSamples: 100_000,
    },
    notes: [],
  };
}

const labels = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i + 1}`);

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(5)));

function flipflop(trials: number, steps: number, bits: number): { inputs: FigureArray; targets: FigureArray } {
  const key = randomKey(1, 'synthetic');
  const inputs: number[] = [];
  const targets: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const state = Array.from({ length: bits }, () => 0);
    for (let step = 0; step < steps; step++) {
      for (let bit = 0; bit < bits; bit++) {
        const draw = uniformAt(key, trial, step * bits + bit);
        const pulse = step < 3 ? 0 : draw < 0.015 ? 1 : draw < 0.03 ? -1 : 0;
        if (pulse) state[bit] = pulse > 0 ? 1 : 0;
        inputs.push(pulse + 0.15 * normalAt(key, trial + 10_000, step * bits + bit));
        targets.push(state[bit] as number);
      }
    }
  }
  return { inputs: { shape: [trials, steps, bits], values: rounded(inputs) }, targets: { shape: [trials, steps, bits], values: targets } };
}

function syntheticRun(
  model: { name: string; description: string; hiddenSize: number; quality: number },
  index: number,
  seed: number,
  targets: FigureArray,
  trials: number,
  steps: number,
  epochs: number,
  bits: number,
): RunSummary {
  const key = randomKey(seed, `synthetic ${index}`);
  const outputs: number[] = [];
  const latents: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const state = Array.from({ length: bits }, () => 0);
    for (let step = 0; step < steps; step++) {
      const at = (trial * steps + step) * bits;
      for (let bit = 0; bit < bits; bit++) {
        const goal = 0.5 + ((targets.values[at + bit] as number) - 0.5) * model.quality;
        state[bit] = (state[bit] as number) + 0.3 * (goal - (state[bit] as number)) + 0.02 * normalAt(key, trial, step * bits + bit);
        outputs.push(state[bit] as number);
      }
      const [a = 0, b = 0, c = 0] = state.map((value) => value - 0.5);
      latents.push(4 * a + b, 3.4 * b - a + 0.5 * a * b, 2.6 * c + 0.4 * a * a);
    }
  }
  const curve = Array.from({ length: epochs }, (_, i) => 0.23 - (0.215 * model.quality) / (1 + Math.exp(-(i - epochs * 0.55) / (epochs * 0.06))));
  const noisy = (shift: number) => curve.map((value, i) => Number((value * (1 + 0.04 * normalAt(key, 99 + shift, i))).toPrecision(5)));
  const ratios = model.hiddenSize >= 10 ? [0.312, 0.281, 0.254, 0.0247, 0.0213, 0.0166, 0.0081, 0.0069, 0.006, 0.0055] : [0.52, 0.31, 0.17];
  let sum = 0;
  const validationLoss = noisy(1);
  return {
    model: model.name,
    seed,
    path: `${model.name}/seed-${seed}`,
    description: model.description,
    hiddenSize: model.hiddenSize,
    parameterCount: model.hiddenSize === 128 ? 51_587 : 4_818,
    status: 'completed',
    checkpoint: { kind: 'last', epoch: epochs },
    optimiserSteps: epochs * 13,
    seconds: 72.4 - 20 * index,
    backend,
    recipe: 'batches of 64, adam, learning rate 0.001, clip 1',
    curves: { epoch: curve.map((_, i) => i + 1), trainLoss: noisy(0), validationLoss, metrics: {} },
    final: {
      trainLoss: noisy(0)[epochs - 1] as number,
      validationLoss: validationLoss[epochs - 1] as number,
      metrics: { bitAccuracy: 0.5 + 0.47 * model.quality },
    },
    best: { epoch: epochs, validationLoss: validationLoss[epochs - 1] as number },
    evaluation: {
      loss: validationLoss[epochs - 1] as number,
      metrics: { bitAccuracy: 0.5 + 0.47 * model.quality },
      accuracyPerOutput: Array.from({ length: bits }, (_, bit) => 0.5 + 0.47 * model.quality * (model.quality === 1 ? 1 : 1 - 0.3 * bit)),
    },
    scree: {
      samples: 500_000,
      ratios,
      cumulative: ratios.map((ratio) => {
        sum += ratio;
        return Number(sum.toPrecision(5));
      }),
      participationRatio: 3.4,
    },
    latents: seed === 0 ? { shape: [trials, steps, 3], values: rounded(latents) } : null,
    outputs: seed === 0 ? { shape: [trials, steps, bits], values: rounded(outputs) } : null,
    memory: memoryStates(targets, outputs, latents, bits, seed === 0),
    reach: null,
    dynamics: null,
  };
}

function memoryStates(targets: FigureArray, outputs: readonly number[], latents: readonly number[], bits: number, drawn: boolean): MemoryState[] {
  return Array.from({ length: 2 ** bits }, (_, code) => {
    const label = code.toString(2).padStart(bits, '0');
    const output = Array.from({ length: bits }, () => 0);
    const latent = [0, 0, 0];
    let samples = 0;
    for (let at = 0; at < targets.values.length / bits; at++) {
      if (targets.values.slice(at * bits, (at + 1) * bits).join('') !== label) continue;
      samples++;
      for (let bit = 0; bit < bits; bit++) output[bit] = (output[bit] as number) + (outputs[at * bits + bit] as number);
      for (let k = 0; k < 3; k++) latent[k] = (latent[k] as number) + (latents[at * 3 + k] as number);
    }
    const mean = (sums: number[]) => rounded(sums.map((value) => value / Math.max(1, samples)));
    return { label, samples, output: mean(output), spread: 0.08, accuracy: 0.96, latent: drawn && samples > 0 ? mean(latent) : null };
  });
}
