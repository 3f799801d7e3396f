// Names of an experiment's models: given ones as they are, others from cell and hidden size, e.g. GRU-128, told apart by a number where needed.
import { modelOptions } from '../models/options.js';

const labels: Readonly<Record<string, string>> = { gru: 'GRU', lstm: 'LSTM', rnn: 'RNN', node: 'NODE', driscoll: 'Driscoll' };

/** One name a model, also for models that are not valid (they are called `model`). A default name that is taken gets `-2`, `-3`, …. */
export function defaultModelNames(models: readonly unknown[]): string[] {
  const given = models.map((model) => field(model, 'name'));
  const taken = new Set(given.filter((name) => typeof name === 'string'));
  return models.map((model, index) => {
    if (typeof given[index] === 'string') return given[index];
    const base = baseName(model);
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
    taken.add(name);
    return name;
  });
}

function baseName(model: unknown): string {
  const cell = field(model, 'cell');
  if (typeof cell !== 'string' || !Object.hasOwn(labels, cell)) return 'model';
  const stated = field(model, 'hiddenSize');
  const size = stated ?? defaultHiddenSize(cell);
  return `${labels[cell]}-${String(size)}`;
}

function defaultHiddenSize(cell: string): number {
  const parsed = modelOptions.safeParse({ cell });
  return parsed.success ? parsed.data.hiddenSize : 0;
}

function field(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
