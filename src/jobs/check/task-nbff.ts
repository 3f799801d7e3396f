// check, kind task_nbff: targets rebuilt from the pulses, exactly; our own generator's statistics against the file's.
import { RunFormatError } from '../../errors.js';
import { randomKey } from '../../random.js';
import { createFlipflop, flipflopTargets } from '../../tasks/flipflop.js';
import { flipflopOptions } from '../../tasks/options.js';
import type { TrialSet } from '../../tasks/task.js';
import type { Comparison } from './compare.js';
import { compareMoment, compareSamples, momentsOf } from './statistics.js';

/** Seed of our own trials: any will do, a fixed one makes the verdict repeat. */
const seed = 0;

/** Checks targets and statistics; sizes and probabilities come from the file (absent: the original class's defaults). */
export function checkFlipflop(comparison: Comparison): void {
  const { file } = comparison;
  for (const prefix of ['', 'stim.']) {
    if (!file.has(`${prefix}true_inputs`)) continue;
    const { data, shape } = file.tensor(`${prefix}true_inputs`, [null, null, null]);
    const [trials, steps, bits] = shape as [number, number, number];
    file.tensor(`${prefix}targets`, [trials, steps, bits]);
    comparison.given(`${prefix}true_inputs`);
    comparison.compareExactly(`${prefix}targets`, flipflopTargets(data as Float64Array, trials, steps, bits));
  }
  comparison.given('inputs_first5', 'ics');
  checkStatistics(comparison);
}

function checkStatistics(comparison: Comparison): void {
  const { file } = comparison;
  const stated = file.section('stats');
  const perTrial = ['pulses_per_trial', 'state_changes_per_trial'].filter((name) => file.has(`stats.${name}`));
  if (perTrial.length === 0 && stated.keys.length === 0) return;
  const config = file.section('config');
  const shape = file.has('true_inputs') ? file.tensor('true_inputs', [null, null, null]).shape : [];
  const options = flipflopOptions.safeParse({
    name: 'flipflop',
    bits: config.number('n', shape[2] ?? 1),
    steps: config.number('n_timesteps', shape[1] ?? 500),
    switchProbability: config.number('switch_prob', 0.01),
    noise: config.number('noise', 0.15),
  });
  if (!options.success)
    throw new RunFormatError(
      `${file.name}: expected the options of a flip-flop in config, got ${options.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const recorded = perTrial.length > 0 ? (file.tensor(`stats.${perTrial[0]}`, [null]).shape[0] as number) : 0;
  const trials = Math.max(2, stated.number('n_trials', recorded || config.number('n_stats', 2000)));
  const { bits, steps } = options.data;
  const own = trialStatistics(createFlipflop(options.data).generate(randomKey(seed, 'check'), 0, trials), bits);

  for (const name of perTrial) {
    comparison.given(`stats.${name}`);
    const theirs = Float64Array.from(file.tensor(`stats.${name}`, [null]).data);
    const ours = name === 'pulses_per_trial' ? own.pulses : own.changes;
    compareSamples(comparison, `stats.${name}`, ours, theirs);
  }
  // Rates are per channel and step, without the first three steps, in which there is never a pulse.
  const channelSteps = trials * bits * Math.max(1, steps - 3);
  const rate = (value: number) => ({ count: channelSteps, mean: value, deviation: Math.sqrt(Math.max(0, value * (1 - value))) });
  compareMoment(comparison, 'rate_plus', rate(own.up / channelSteps), rate(stated.number('rate_plus', own.up / channelSteps)));
  compareMoment(comparison, 'rate_minus', rate(own.down / channelSteps), rate(stated.number('rate_minus', own.down / channelSteps)));
  if (stated.entry('pulses_in_first_3_bins') !== undefined) {
    comparison.compareStatistic('stats.pulses_in_first_3_bins', own.early, stated.number('pulses_in_first_3_bins', 0), 0);
  }
  const high = momentsOf(own.high);
  compareMoment(comparison, 'fraction_of_time_state_is_1', high, { ...high, mean: stated.number('fraction_of_time_state_is_1', high.mean) });
  const noise = momentsOf(own.noise);
  compareMoment(comparison, 'noise_mean', noise, { ...noise, mean: stated.number('noise_mean', noise.mean) });
  // The deviation of a normal sample has the standard error σ / √(2 N).
  const spread = { count: noise.count, mean: noise.deviation, deviation: noise.deviation / Math.SQRT2 };
  compareMoment(comparison, 'noise_sd', spread, { ...spread, mean: stated.number('noise_sd', noise.deviation) });
}

/** What the statistics count in trials: per trial [S], over all channels, or in total. */
function trialStatistics(set: TrialSet, bits: number) {
  const { trials, steps, trueInputs, targets, inputs } = set;
  const pulses = new Float64Array(trials);
  const changes = new Float64Array(trials);
  const high = new Float64Array(trials);
  let [up, down, early] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    for (let at = 0; at < steps * bits; at++) {
      const i = trial * steps * bits + at;
      const pulse = trueInputs[i] as number;
      if (pulse === 1) up++;
      if (pulse === -1) down++;
      if (pulse !== 0) {
        pulses[trial]++;
        if (at < 3 * bits) early++;
      }
      if (at >= bits && targets[i] !== targets[i - bits]) changes[trial]++;
      high[trial] += (targets[i] as number) / (steps * bits);
    }
  }
  return { pulses, changes, high, up, down, early, noise: inputs.map((value, i) => value - (trueInputs[i] as number)) };
}
