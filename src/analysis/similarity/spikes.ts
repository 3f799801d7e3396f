// Bits per spike: how much better rates predict spike counts than each neuron's mean does (Pillow et al. 2008; Pei et al. 2021, Neural Latents
// Benchmark, for held-out neurons).
import { NumericsError, ShapeError } from '../../errors.js';
import type { TrialArray } from '../analysis.js';
import type { FeatureRange } from '../moments.js';
import { rowsOf } from '../trials.js';

/**
 * (NLL_null − NLL_model) / (Σ spikes · ln 2) with the Poisson likelihood over all trials, bins and the chosen neurons; the null model is each neuron's
 * mean count. 0 for the means themselves. Null when there is no spike. Throws ShapeError unless rates and spikes have one shape, NumericsError where a
 * rate is not positive though spikes were counted.
 */
export function bitsPerSpike(rates: TrialArray, spikes: TrialArray, neurons: FeatureRange = { start: 0, length: spikes.width }): number | null {
  const where = 'bitsPerSpike';
  const { width } = spikes;
  if (rates.width !== width) throw new ShapeError(`${where}: expected rates of ${width} neurons, as there are spikes of, got ${rates.width}`);
  if (!(neurons.start >= 0 && neurons.length >= 1 && neurons.start + neurons.length <= width)) {
    throw new ShapeError(`${where}: expected some of ${width} neurons, got ${neurons.length} from ${neurons.start} on`);
  }
  const rows = rowsOf([rates, spikes], where, ['rates', 'spikes']);
  const samples = rows.length / (2 * width);
  let gain = 0;
  let total = 0;
  for (let neuron = neurons.start; neuron < neurons.start + neurons.length; neuron++) {
    let counted = 0;
    for (let i = 0; i < samples; i++) counted += rows[2 * width * i + width + neuron] as number;
    const mean = counted / samples;
    for (let i = 0; i < samples; i++) {
      const rate = rows[2 * width * i + neuron] as number;
      const count = rows[2 * width * i + width + neuron] as number;
      if (count < 0 || rate < 0 || (rate === 0 && count > 0)) {
        throw new NumericsError(
          `${where}: expected counts of 0 or more and rates above 0 where spikes are, got ${count} spikes at rate ${rate}, neuron ${neuron}`,
        );
      }
      // the factorials cancel; 0 · ln 0 is 0
      gain += mean - rate + (count > 0 ? count * Math.log(rate / mean) : 0);
    }
    total += counted;
  }
  return total > 0 ? gain / (total * Math.LN2) : null;
}

/** Held-in neurons of the simulated data sets: the first 50 of 60. */
const defaultHeldIn = 50;

/**
 * Bits per spike of the held-out neurons alone: those from `heldIn` (default 50) on. CtDB splits at the number of external input channels instead
 * (3, 20 or 17; 0 when inputs are inferred): give that number to compare with what it prints as co-bps. Throws as `bitsPerSpike` does.
 */
export function coBitsPerSpike(rates: TrialArray, spikes: TrialArray, { heldIn = defaultHeldIn }: { readonly heldIn?: number } = {}): number | null {
  if (!(Number.isInteger(heldIn) && heldIn >= 0 && heldIn < spikes.width)) {
    throw new ShapeError(`coBitsPerSpike: expected 0 to ${spikes.width - 1} held-in of ${spikes.width} neurons, got ${heldIn}; say how many are held in`);
  }
  return bitsPerSpike(rates, spikes, { start: heldIn, length: spikes.width - heldIn });
}
