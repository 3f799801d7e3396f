// Times one thing on several configurations by turns, so that whatever slows the machine down for a while slows all of them.
import type { Opened } from './measure.js';
import type { Calibration } from './suite-calibration.js';

/** One configuration that takes turns. */
export interface Contender {
  readonly name: string;
  readonly opened: Opened;
}

/** What it took. */
export interface Samples {
  /** Seconds of a run, one entry a sample. */
  readonly seconds: readonly number[];
  readonly runsPerSample: number;
  readonly firstSeconds: number;
  /** Begin and end, seconds since the suite began. */
  readonly from: number;
  readonly to: number;
}

/** A contender that could not go on: its device was lost, or its memory ran out. */
export interface Failure {
  readonly error: unknown;
}

export interface AlternateOptions {
  /** What all contenders together may take. */
  readonly allowanceSeconds: number;
  readonly mostSamples: number;
  readonly warmUpSeconds: number;
  /** Smallest step of the clock, seconds. */
  readonly timerSeconds: number;
  readonly calibration: Calibration;
  readonly signal: AbortSignal;
}

/** Samples of each contender even when the allowance is used up, unless one alone would use it up. */
const fewestSamples = 3;
/** A sample is no shorter than this, and than a hundred steps of the clock. */
const shortestSample = 0.003;
/** Runs shorter than this are run once before they are timed: the turns of others have emptied the caches and put threads to sleep. */
const refreshSeconds = 0.02;

interface Turn extends Contender {
  runsPerSample: number;
  firstSeconds: number;
  readonly seconds: number[];
  spent: number;
  lastRun: number;
  failure: Failure | null;
}

/**
 * Runs each contender once, warms it up, then samples by turns in an order that rotates, until the allowance or the number of samples is reached.
 * A contender that would use up more than its part of the allowance gets fewer samples: its first run, if need be. One that fails is out; the others go on.
 */
export async function alternate(contenders: readonly Contender[], options: AlternateOptions): Promise<(Samples | Failure)[]> {
  const { calibration, signal, allowanceSeconds, mostSamples } = options;
  const part = allowanceSeconds / contenders.length;
  const from = calibration.now();
  const turns: Turn[] = contenders.map((contender) => ({ ...contender, runsPerSample: 1, firstSeconds: 0, seconds: [], spent: 0, lastRun: 0, failure: null }));
  const attempt = async (turn: Turn, work: () => Promise<void>) => {
    signal.throwIfAborted();
    await calibration.sample();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) throw error;
      turn.failure = { error };
    }
  };
  for (const turn of turns) await attempt(turn, () => warmUp(turn, part, options));
  for (let round = 0; round < mostSamples; round++) {
    if (round >= fewestSamples && calibration.now() - from > allowanceSeconds) break;
    let any = false;
    for (let k = 0; k < turns.length; k++) {
      const turn = turns[(round + k) % turns.length] as Turn;
      if (turn.failure !== null || turn.spent + sampleCost(turn) > (round < fewestSamples ? 1.5 : 1) * part) continue;
      await attempt(turn, () => sample(turn));
      any = true;
    }
    if (!any) break;
  }
  const to = calibration.now();
  return turns.map(
    ({ seconds, runsPerSample, firstSeconds, failure }) =>
      failure ?? { seconds: seconds.length > 0 ? seconds : [firstSeconds], runsPerSample, firstSeconds, from, to },
  );
}

async function once(turn: Turn): Promise<number> {
  const start = performance.now();
  await turn.opened.run();
  turn.lastRun = (performance.now() - start) / 1000;
  turn.spent += turn.lastRun;
  return turn.lastRun;
}

/** The first run, then more of them until the engine has compiled what is hot: at least one, as long as a third of the contender's part is left. */
async function warmUp(turn: Turn, part: number, { warmUpSeconds, timerSeconds }: AlternateOptions): Promise<void> {
  turn.firstSeconds = await once(turn);
  const enough = Math.min(warmUpSeconds, part / 3);
  for (let runs = 0; runs < 100_000 && turn.spent + turn.lastRun < part && (runs < 1 || turn.spent < enough); runs++) await once(turn);
  turn.spent = 0;
  turn.runsPerSample = Math.max(1, Math.ceil(Math.max(shortestSample, 100 * timerSeconds) / Math.max(turn.lastRun, timerSeconds / 100, 1e-7)));
}

const sampleCost = ({ runsPerSample, lastRun }: Turn): number => (runsPerSample + (lastRun < refreshSeconds ? 1 : 0)) * lastRun;

async function sample(turn: Turn): Promise<void> {
  const { opened, runsPerSample, seconds } = turn;
  const begin = performance.now();
  if (turn.lastRun < refreshSeconds) await opened.run();
  const start = performance.now();
  for (let run = 0; run < runsPerSample; run++) await opened.run();
  const end = performance.now();
  seconds.push((end - start) / 1000 / runsPerSample);
  turn.lastRun = (end - start) / 1000 / runsPerSample;
  turn.spent += (end - begin) / 1000;
}

/** The smallest step of `performance.now()`, seconds, from as many as a few milliseconds have. */
export function timerStep(): number {
  let smallest = Number.POSITIVE_INFINITY;
  const begin = performance.now();
  for (let last = begin; last - begin < 5; ) {
    const now = performance.now();
    if (now > last) {
      smallest = Math.min(smallest, now - last);
      last = now;
    }
  }
  return smallest / 1000;
}
