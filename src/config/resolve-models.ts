// The models of an experiment, with names, defaults and training options.
import { createModel, type ResolvedModelOptions, resolveModelOptions } from '../models/model.js';
import { modelOptions } from '../models/options.js';
import { type TrainingOptions, trainingOptions } from '../training/options.js';
import { defaultModelNames } from './names.js';
import { problem, suggestion, valueText } from './problems.js';
import { isObject, type Raw } from './raw.js';

/** A model of an experiment: its options, its name and the training options that hold for it. */
export type ExperimentModel = ResolvedModelOptions & { readonly name: string; readonly training: TrainingOptions };

/** The options that `createModel` takes, without the name and the training that an experiment keeps beside them. */
export function modelOptionsOf(model: ExperimentModel): ResolvedModelOptions {
  const { name: _name, training: _training, ...options } = model;
  return options as ResolvedModelOptions;
}

/** Every model with its name, its defaults and its own training options; adds what only the whole experiment can tell to `problems`. */
export function resolveModels(value: Raw, problems: string[]): ExperimentModel[] {
  if (!Array.isArray(value.models)) return [];
  const shared = isObject(value.training) ? value.training : {};
  const names = defaultModelNames(value.models);
  names.forEach((name, index) => {
    const first = names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
    if (first !== index) problems.push(problem(['models', index, 'name'], `a name that differs from models.${first}'s (capitals do not count)`, name));
  });
  const resolved: ExperimentModel[] = [];
  const freezable = new Set<string>();
  value.models.forEach((model: unknown, index) => {
    if (!isObject(model)) return;
    const { name: _name, training: own, ...rest } = model;
    const options = modelOptions.safeParse(rest);
    const training = trainingOptions.safeParse({ ...shared, ...(isObject(own) ? own : {}) });
    if (!options.success) return;
    const resolvedOptions = resolveModelOptions(options.data);
    const parameters = createModel(resolvedOptions, 1, 1).parameters.map((view) => view.name);
    for (const parameter of parameters) freezable.add(parameter);
    if (!training.success) return;
    const isOwn = isObject(own) && own.freeze !== undefined;
    if (isOwn) problems.push(...checkFreeze(training.data.freeze, parameters, ['models', index, 'training', 'freeze']));
    const freeze = training.data.freeze.filter((name) => matches(name, parameters));
    if (parameters.every((parameter) => freeze.some((name) => frozenBy(name, parameter)))) {
      problems.push(`models.${index}: expected at least one parameter that trains, got all ${parameters.length} frozen`);
    }
    problems.push(...checkSchedule(training.data, isOwnSchedule(own) ? ['models', index, 'training'] : ['training']));
    // Parsed once more for the schema's order of keys, so that an experiment and its re-reading are the same text.
    resolved.push({ ...(modelOptions.parse(resolvedOptions) as ResolvedModelOptions), name: names[index] as string, training: { ...training.data, freeze } });
  });
  const base = trainingOptions.safeParse(shared);
  if (base.success && resolved.length === value.models.length) problems.push(...checkFreeze(base.data.freeze, [...freezable], ['training', 'freeze']));
  const unique = [...new Set(problems)];
  problems.splice(0, problems.length, ...unique);
  return resolved;
}

function frozenBy(name: string, parameter: string): boolean {
  return name.endsWith('.') ? parameter.startsWith(name) : parameter === name;
}

function matches(name: string, parameters: readonly string[]): boolean {
  return parameters.some((parameter) => frozenBy(name, parameter));
}

function checkFreeze(freeze: readonly string[], parameters: readonly string[], path: readonly (string | number)[]): string[] {
  return freeze.flatMap((name, index) =>
    matches(name, parameters)
      ? []
      : [
          problem(
            [...path, index],
            'a parameter of the model, or a prefix ending in a dot',
            name,
            suggestion(name, parameters) ?? `there are ${parameters.join(', ')}`,
          ),
        ],
  );
}

function isOwnSchedule(own: unknown): boolean {
  return isObject(own) && (own.schedule !== undefined || own.learningRate !== undefined);
}

function checkSchedule(training: TrainingOptions, path: readonly (string | number)[]): string[] {
  const { schedule, learningRate } = training;
  if (schedule.name === 'constant' || schedule.minimum <= learningRate) return [];
  return [problem([...path, 'schedule', 'minimum'], `at most the learning rate ${valueText(learningRate)}`, schedule.minimum)];
}
