// check, kind losses: every loss of training, value and gradient, as kernel calls on the backend.
import type { Backend, KernelArgument } from '../../backends/backend.js';
import { RunFormatError } from '../../errors.js';
import { Workspace } from '../../rollout/workspace.js';
import type { ArrayTensor } from '../../runs/safetensors.js';
import { flipflopMask } from '../../tasks/flipflop.js';
import { multitaskWeights } from '../../tasks/multitask.js';
import { addLatentNorm, addLatentSquares, addReachLoss, addSquaredError, type LossBuffers, type ReachTerms } from '../../training/loss.js';
import { type Comparison, total } from './compare.js';

/** Replays every loss that the file holds; epochs, blind lengths and weights come from the names of its tensors. */
export async function checkLosses(backend: Backend, comparison: Comparison): Promise<void> {
  const { file } = comparison;
  const groups: Readonly<Record<string, (replay: Replay) => Promise<void>>> = { nbff, random_target: randomTarget, multitask, mse, latent_l2: latentL2 };
  for (const [group, check] of Object.entries(groups)) {
    if (file.names.some((name) => name.startsWith(`${group}.`))) await check(new Replay(backend, comparison, group));
  }
}

/** Puts one array of a loss on the backend, with its target and its weights over time. */
type BuffersOf = (name: string, target?: ArrayLike<number>, weight?: { readonly data: ArrayLike<number>; readonly channels: number }) => LossBuffers;

/** One group of the file on a backend: fresh buffers for each replay. */
class Replay {
  readonly backend: Backend;
  readonly comparison: Comparison;
  readonly #group: string;

  constructor(backend: Backend, comparison: Comparison, group: string) {
    this.backend = backend;
    this.comparison = comparison;
    this.#group = group;
  }

  get file() {
    return this.comparison.file;
  }

  /** Numbers behind `prefix` in the names of the group's tensors, e.g. the epochs of `loss.epoch50`; each once, with its text. */
  variants(prefix: string): { text: string; value: number }[] {
    const pattern = new RegExp(`^${this.#group}\\.(?:loss|grad_\\w+)\\.${prefix}(.+)$`);
    const texts = new Set(this.file.names.map((name) => pattern.exec(name)?.[1]).filter((text) => text !== undefined));
    return [...texts].map((text) => {
      const value = Number(text);
      if (!Number.isFinite(value) || value < 0)
        throw new RunFormatError(`${this.file.name}: expected a number behind ${this.#group}.….${prefix}, got "${text}"`);
      return { text, value };
    });
  }

  /** A given tensor [B, T, channels] of this group. */
  given(name: string, group = this.#group) {
    this.comparison.given(`${group}.${name}`);
    return this.file.tensor(`${group}.${name}`, [null, null, null]);
  }

  /** Runs `fill`, which asks for the buffers of each array and adds the loss, then compares the value and every array's gradient. */
  async run(suffix: string, trials: number, predictions: Readonly<Record<string, ArrayTensor>>, fill: (buffers: BuffersOf) => void): Promise<void> {
    const workspace = new Workspace(this.backend);
    try {
      const trialLoss = workspace.allocate([trials]);
      const gradients: Record<string, KernelArgument> = {};
      fill((name, target, weight) => {
        const { shape, data } = predictions[name] as ArrayTensor;
        const gradient = workspace.allocate(shape);
        gradients[name] = gradient;
        return {
          prediction: workspace.upload(data, shape),
          target: target ? workspace.upload(target, shape) : null,
          weight: weight ? workspace.upload(weight.data, [...shape.slice(0, 2), weight.channels]) : null,
          trialLoss,
          dPrediction: gradient,
        };
      });
      const values = await this.backend.read(trialLoss.buffer);
      this.comparison.compare(`${this.#group}.loss${suffix}`, [total(values)]);
      for (const [name, gradient] of Object.entries(gradients))
        this.comparison.compare(`${this.#group}.grad_${name}${suffix}`, await this.backend.read(gradient.buffer));
    } finally {
      workspace.dispose();
    }
  }
}

async function nbff(replay: Replay): Promise<void> {
  const pred = replay.given('pred');
  const target = replay.given('target');
  const [trials, steps, bits] = pred.shape as [number, number, number];
  for (const { text, value: blind } of replay.variants('blind')) {
    const mask = flipflopMask(Float32Array.from(target.data), trials, steps, bits, blind);
    await replay.run(`.blind${text}`, trials, { pred }, (buffers) => {
      addSquaredError(replay.backend, buffers('pred', target.data, { data: mask, channels: bits }), 1 / (trials * steps * bits));
    });
  }
}

async function randomTarget(replay: Replay): Promise<void> {
  const pred = replay.given('pred');
  const target = replay.given('target');
  const actions = replay.given('actions');
  const config = replay.file.section('config').section('random_target');
  const ramp = replay.file.metadata('random_target_full_trial_epoch');
  const trials = pred.shape[0] as number;
  const terms: ReachTerms = {
    position: 'squared',
    positionWeight: config.number('pos_weight', 1),
    actionWeight: config.number('act_weight', 1),
    rampEpochs: typeof ramp === 'number' && ramp > 0 ? ramp : 200,
    compat: 'ctdb',
  };
  for (const { text, value: epoch } of replay.variants('epoch')) {
    await replay.run(`.epoch${text}`, trials, { pred, actions }, (buffers) => {
      addReachLoss(replay.backend, buffers('pred', target.data), buffers('actions'), terms, epoch, trials);
    });
  }
}

async function multitask(replay: Replay): Promise<void> {
  const pred = replay.given('pred');
  const target = replay.given('target');
  const latents = replay.given('latents');
  const [trials, steps, channels] = pred.shape as [number, number, number];
  replay.comparison.given('multitask.extra');
  const weights = multitaskWeights(replay.file.tensor('multitask.extra', [trials, 2]).data, trials, steps);
  for (const { text, value: latentWeight } of replay.variants('w')) {
    await replay.run(`.w${text}`, trials, { pred, latents }, (buffers) => {
      const outputs = buffers('pred', target.data, { data: weights.outputs, channels: 1 });
      addSquaredError(replay.backend, outputs, 1 / (trials * channels));
      addLatentSquares(replay.backend, buffers('latents', undefined, { data: weights.latents, channels: 1 }), latentWeight, trials);
    });
  }
}

async function mse(replay: Replay): Promise<void> {
  // The file keeps these two under random_target where it does not repeat them.
  const own = replay.file.has('mse.pred') ? 'mse' : 'random_target';
  const pred = replay.given('pred', own);
  const target = replay.given('target', own);
  const [trials, steps, channels] = pred.shape as [number, number, number];
  await replay.run('', trials, { pred }, (buffers) => addSquaredError(replay.backend, buffers('pred', target.data), 1 / (trials * steps * channels)));
}

async function latentL2(replay: Replay): Promise<void> {
  const latents = replay.given('latents', replay.file.has('latent_l2.latents') ? 'latent_l2' : 'multitask');
  const [trials, , units] = latents.shape as [number, number, number];
  const weight = replay.file.section('config').number('latent_l2_wt', 1e-2);
  await replay.run('', trials, { latents }, (buffers) => {
    const { prediction, trialLoss, dPrediction } = buffers('latents');
    addLatentNorm(replay.backend, { states: prediction, trialLoss, dStates: dPrediction }, weight, units, trials);
  });
}
