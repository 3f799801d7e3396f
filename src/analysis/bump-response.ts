// What a push changes: pushed trials minus the same trials without their push, aligned to its onset, apart by when the push comes.
import type { Body } from '../arm/body.js';
import { bodyWord, geometryCode, geometryNumber, geometryStart, geometryStride } from '../backends/body-layout.js';
import { goCueOf, pushOf } from '../tasks/reach-metrics.js';
import type { Movement, TrialSet } from '../tasks/task.js';
import { round, roundAll } from './scores.js';
import type { BumpPhase, BumpResponse } from './summary-data.js';

/**
 * Seconds from the onset of a push that a response covers, and its largest share of a trial; pushes that come later than this before the end of their
 * trial are left out.
 */
const windowSeconds = 0.8;
const windowShare = 0.5;
/** A push within this time after the go cue, s, meets a moving hand. CtDB's pushes while moving come in these 40 steps. */
const movementSeconds = 0.4;
/** When a muscle counts as stretched or shortened, s after the onset: long enough for the push to show, too short for an answer through vision. */
const stretchSeconds = 0.05;
/** A change of muscle length below this, m, is neither. */
const leastStretch = 1e-6;
/** The hand is back when this share of the largest shift is left. */
const returnedShare = 0.1;

/** A network's way through a set of trials. */
export interface Course {
  /** [S, T, 2]. */
  readonly outputs: Float32Array;
  readonly movement: Movement;
}

const phases: readonly BumpPhase[] = ['delay', 'movement', 'later'];

/** The responses by phase, those without any trial left out. `free` has the same trials as `pushed`, rolled out without their loads. */
export function bumpResponses(pushed: Course, free: Course, set: TrialSet, body: Body): BumpResponse[] {
  const samples = Math.max(2, Math.round(Math.min(windowSeconds / body.timeStep, windowShare * set.steps))) + 1;
  const found = new Map<BumpPhase, Response[]>();
  for (let trial = 0; trial < set.trials; trial++) {
    const response = responseOf(pushed, free, set, body, trial, samples);
    if (!response) continue;
    found.set(response.phase, [...(found.get(response.phase) ?? []), response]);
  }
  return phases.flatMap((phase) => {
    const responses = found.get(phase);
    return responses ? [summarise(phase, responses, body)] : [];
  });
}

/** One trial's response; W samples, the first one at the onset. */
interface Response {
  readonly phase: BumpPhase;
  readonly steps: number;
  readonly force: number;
  readonly parallel: Float64Array;
  readonly perpendicular: Float64Array;
  readonly peak: number;
  /** Seconds; infinite where the hand is not back within the window. */
  readonly returned: number;
  /** Change of activation [M][W] and of length, m [M]. */
  readonly activation: readonly Float64Array[];
  readonly stretch: readonly number[];
}

function responseOf(pushed: Course, free: Course, set: TrialSet, body: Body, trial: number, samples: number): Response | null {
  const { steps } = set;
  const push = pushOf(set, trial);
  if (!push || push.start + samples - 1 > steps) return null;
  const load = 2 * (trial * steps + push.start);
  const [fx, fy] = [set.endpointLoads?.[load] as number, set.endpointLoads?.[load + 1] as number];
  const force = Math.sqrt(fx * fx + fy * fy);
  const [ux, uy] = [fx / force, fy / force];
  const parallel = new Float64Array(samples);
  const perpendicular = new Float64Array(samples);
  // sample i follows i steps of the push; before the first one nothing differs
  for (let i = 1; i < samples; i++) {
    const at = 2 * (trial * steps + push.start + i - 1);
    const dx = (pushed.outputs[at] as number) - (free.outputs[at] as number);
    const dy = (pushed.outputs[at + 1] as number) - (free.outputs[at + 1] as number);
    parallel[i] = dx * ux + dy * uy;
    perpendicular[i] = dy * ux - dx * uy;
  }
  const shift = parallel.map((along, i) => Math.sqrt(along * along + (perpendicular[i] as number) ** 2));
  const peak = shift.reduce((most, value) => Math.max(most, value), 0);
  const lastAway = shift.findLastIndex((value) => value > returnedShare * peak);
  const change = changeOf(pushed.movement, free.movement, body, steps, trial);
  const early = Math.max(1, Math.round(stretchSeconds / body.timeStep));
  const muscles = Array.from({ length: body.muscles }, (_, muscle) => muscle);
  return {
    phase: phaseOf(goCueOf(set, trial), push.start, body),
    steps: push.end - push.start,
    force,
    parallel,
    perpendicular,
    peak,
    returned: lastAway === samples - 1 ? Number.POSITIVE_INFINITY : Math.max(0, lastAway + 1 - (push.end - push.start)) * body.timeStep,
    activation: muscles.map((muscle) => Float64Array.from({ length: samples }, (_, i) => change.activation(push.start + i, muscle))),
    stretch: muscles.map((muscle) => change.length(push.start + early, muscle)),
  };
}

function phaseOf(goCue: number | null, onset: number, body: Body): BumpPhase {
  if (goCue === null || onset < goCue) return 'delay';
  return (onset - goCue) * body.timeStep <= movementSeconds + 1e-9 ? 'movement' : 'later';
}

/** Differences between two ways through a trial, by state (0: the initial one) and muscle. */
function changeOf(pushed: Movement, free: Movement, body: Body, steps: number, trial: number) {
  const { muscles } = body;
  const rows = body.muscleRows.length;
  const constant = body.layout[bodyWord.geometry] === geometryCode.constant;
  const state = (number: number, row: number, muscle: number) => ((trial * (steps + 1) + number) * rows + row) * muscles + muscle;
  const difference = (number: number, row: number, muscle: number) => {
    const at = state(number, row, muscle);
    return (pushed.muscle[at] as number) - (free.muscle[at] as number);
  };
  return {
    activation: (number: number, muscle: number) => difference(number, 0, muscle),
    length: (number: number, muscle: number) => {
      if (!constant) return difference(number, 1, muscle);
      // constant moment arms know no length: what it would be by them
      const arms = geometryStart(muscles) + muscle * geometryStride + geometryNumber.momentArm;
      const at = (trial * (steps + 1) + number) * 4;
      return [0, 1].reduce(
        (sum, joint) => sum + (body.table[arms + joint] as number) * ((pushed.joint[at + joint] as number) - (free.joint[at + joint] as number)),
        0,
      );
    },
  };
}

function summarise(phase: BumpPhase, responses: readonly Response[], body: Body): BumpResponse {
  const average = (value: (response: Response) => number) => responses.reduce((sum, response) => sum + value(response), 0) / responses.length;
  const [parallel, parallelSpread] = meanAndSpread(responses.map((response) => response.parallel));
  const [perpendicular, perpendicularSpread] = meanAndSpread(responses.map((response) => response.perpendicular));
  const returned = median(responses.map((response) => response.returned));
  const answers = (sign: 1 | -1) =>
    body.muscleNames.map((_, muscle) => {
      const chosen = responses.filter(({ stretch }) => sign * (stretch[muscle] as number) > leastStretch);
      return chosen.length > 0 ? meanAndSpread(chosen.map(({ activation }) => activation[muscle] as Float64Array))[0] : null;
    });
  return {
    phase,
    trials: responses.length,
    steps: round(average(({ steps }) => steps)),
    force: round(average(({ force }) => force)),
    parallel,
    perpendicular,
    parallelSpread,
    perpendicularSpread,
    peak: round(median(responses.map(({ peak }) => peak))),
    returnTime: Number.isFinite(returned) ? round(returned) : null,
    stretched: answers(1),
    shortened: answers(-1),
  };
}

/** Mean and standard deviation over rows of equal length, sample by sample. */
function meanAndSpread(rows: readonly Float64Array[]): [number[], number[]] {
  const length = rows[0]?.length ?? 0;
  const mean = Float64Array.from({ length }, (_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length);
  const spread = mean.map((centre, i) => Math.sqrt(rows.reduce((sum, row) => sum + ((row[i] as number) - centre) ** 2, 0) / Math.max(1, rows.length - 1)));
  return [roundAll(mean), roundAll(spread)];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
