// createPlant: a body and senses in seconds → what the rollout needs: delays in frames, deviations of fitting length.
import * as z from 'zod';
import { ConfigError } from '../errors.js';
import { describeIssues, problem, type SchemaNode } from '../problems.js';
import type { Body } from './body.js';
import { createBody } from './create-body.js';
import { type EffectorInput, type SensorInput, sensorOptions } from './options.js';
import { observationSize, type Plant } from './plant.js';
import { effectorProblems } from './problems.js';

/** Relative distance from a whole number of time steps that counts as rounding: 0.29 s is 29 steps of 0.01 s, though 0.29 / 0.01 is 28.999999999999996. */
const rounding = 1e-9;
/** Frames of a sense that are kept at most: a guard against slips of the decimal point. */
const largestDelay = 100_000;

/** Frames of a delay: whole steps in the decimal sense, at least 1 (0 and 1 both mean the newest sample, Q13); null when it is none. */
export function delayFrames(delay: number, timeStep: number): number | null {
  const steps = delay / timeStep;
  const frames = Math.round(steps);
  return Math.abs(steps - frames) <= rounding * Math.max(1, frames) ? Math.max(1, frames) : null;
}

export interface PlantInput {
  /** A body, or the options of one. */
  readonly effector: EffectorInput | Body;
  readonly sensors?: SensorInput;
  /** External inputs that come before the observation. Default: 0. */
  readonly leadingInputs?: number;
}

/**
 * Resolves body and senses. Throws ConfigError naming every problem of both, `effector.…` and `sensors.…`: besides what `createBody` refuses, a delay that is
 * no multiple of the time step and a list of deviations of the wrong length.
 */
export function createPlant({ effector, sensors = {}, leadingInputs = 0 }: PlantInput): Plant {
  const ready = isBody(effector) ? effector : null;
  const bodyProblems = ready ? [] : effectorProblems(effector).map((text) => below('effector', text));
  const body = ready ?? (bodyProblems.length === 0 ? createBody(effector as EffectorInput) : null);
  const timeStep = body?.timeStep ?? (effector as { timeStep?: unknown } | null)?.timeStep;
  const problems = [...bodyProblems, ...sensorProblems(sensors, timeStep, body).map((text) => below('sensors', text))];
  if (!Number.isInteger(leadingInputs) || leadingInputs < 0) problems.push(problem(['leadingInputs'], 'a whole number of at least 0', leadingInputs));
  if (problems.length > 0 || !body) throw new ConfigError('createPlant', problems);
  const options = sensorOptions.parse(sensors);
  const frames = (delay: number | undefined): number => (delay === undefined ? 1 : (delayFrames(delay, body.timeStep) as number));
  return {
    body,
    leadingInputs,
    sensors: { ...options, visionDelay: frames(options.visionDelay), proprioceptionDelay: frames(options.proprioceptionDelay) },
  };
}

/** Senses in seconds, as `createPlant` takes them, of a plant: what a configuration records. */
export function sensorInputOf({ body, sensors }: Plant): SensorInput {
  const copy = (value: number | readonly number[]): number | number[] => (typeof value === 'number' ? value : [...value]);
  const seconds = (frames: number): number => decimal(frames * body.timeStep);
  return {
    visionDelay: seconds(sensors.visionDelay),
    proprioceptionDelay: seconds(sensors.proprioceptionDelay),
    visionNoise: copy(sensors.visionNoise),
    proprioceptionNoise: copy(sensors.proprioceptionNoise),
    actionNoise: copy(sensors.actionNoise),
    observationNoise: copy(sensors.observationNoise),
    actionFrames: sensors.actionFrames,
    sensoryNoise: sensors.sensoryNoise,
  };
}

const below = (part: string, text: string): string => (/^expected /.test(text) ? `${part}: ${text}` : `${part}.${text}`);

function isBody(effector: unknown): effector is Body {
  return typeof effector === 'object' && effector !== null && 'layout' in effector && 'table' in effector;
}

/** What is wrong with senses: by the schema, against the time step where that is known, against the body where there is one. */
function sensorProblems(sensors: unknown, timeStep: unknown, body: Body | null): string[] {
  const parsed = sensorOptions.safeParse(sensors);
  const schema = z.toJSONSchema(sensorOptions, { io: 'input', target: 'draft-7' }) as SchemaNode;
  const problems = parsed.success ? [] : describeIssues(schema, parsed.error.issues, sensors);
  if (sensors === null || typeof sensors !== 'object') return problems;
  const given = sensors as Readonly<Record<string, unknown>>;
  if (typeof timeStep === 'number' && timeStep > 0) {
    for (const key of ['visionDelay', 'proprioceptionDelay']) {
      const delay = given[key];
      if (typeof delay === 'number' && delay >= 0 && delay < Number.POSITIVE_INFINITY) problems.push(...delayProblems(key, delay, timeStep));
    }
  }
  if (body === null) return problems;
  const frames = Number.isInteger(given.actionFrames) ? (given.actionFrames as number) : 0;
  const sizes = {
    visionNoise: 2,
    proprioceptionNoise: 2 * body.muscles,
    actionNoise: body.muscles,
    observationNoise: observationSize({ body, sensors: { actionFrames: frames } }),
  };
  for (const [key, size] of Object.entries(sizes)) {
    const value = given[key];
    if (Array.isArray(value) && value.length !== size)
      problems.push(problem([key], `one number or ${size}`, value, 'one a feature, in the order of the observation'));
  }
  return problems;
}

function delayProblems(key: string, delay: number, timeStep: number): string[] {
  const frames = delayFrames(delay, timeStep);
  if (frames === null) {
    const nearest = decimal(Math.max(1, Math.round(delay / timeStep)) * timeStep);
    return [problem([key], `a multiple of the time step, ${timeStep} s`, delay, `the nearest is ${nearest}`)];
  }
  return frames > largestDelay ? [problem([key], `at most ${largestDelay} time steps`, delay)] : [];
}

/** A product of decimals without its rounding, e.g. 0.07 for 7 · 0.01. */
const decimal = (value: number): number => Number(value.toPrecision(12));
