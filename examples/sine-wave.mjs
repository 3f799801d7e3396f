// A task of one's own in one file: a frequency command in, a sine wave of that frequency out. The default export makes a Task from `parameters`;
// nothing is imported, so the file works beside any experiment. The network must turn a constant into a rhythm (Sussillo & Barak 2013, figure 3).

/** Draw `index` of trial `trial` for a key, uniform on [0, 1): a hash, not a generator with state, so that trial k is the same in any order. */
function uniform(key, trial, index) {
  let hash = (key[0] ^ Math.imul(key[1], 0x9e3779b1) ^ Math.imul(trial + 1, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) | 0;
  for (const factor of [0x7feb352d, 0x846ca68b]) {
    hash = Math.imul(hash ^ (hash >>> 16), factor);
    hash ^= hash >>> 15;
  }
  return (hash >>> 0) / 2 ** 32;
}

/** Standard normal by Box and Muller from draws 2·index and 2·index + 1. */
function normal(key, trial, index) {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(key, trial, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(key, trial, 2 * index + 1));
}

/**
 * @param {{ steps?: number, slowest?: number, fastest?: number, frequencies?: number, noise?: number }} parameters
 *   steps of a trial; slowest and fastest frequency in cycles per trial; how many frequencies; standard deviation of the input noise
 * @returns {import('motorloop').Task}
 */
export default function sineWave({ steps = 100, slowest = 2, fastest = 6, frequencies = 5, noise = 0.02 } = {}) {
  for (const [name, value] of Object.entries({ steps, slowest, fastest, frequencies, noise })) {
    if (!(Number.isFinite(value) && value >= 0)) throw new Error(`sine-wave: expected ${name} as a number of at least 0, got ${value}`);
  }
  return {
    name: 'sine-wave',
    parameters: { steps, slowest, fastest, frequencies, noise },
    steps,
    stepDuration: null,
    inputSize: 1,
    outputSize: 1,
    inputLabels: ['Frequency command'],
    outputLabels: ['Wave'],
    loss: { kind: 'squared error', scale: 1 / steps, weights: () => null },

    generate(key, first, count) {
      const inputs = new Float32Array(count * steps);
      const trueInputs = new Float32Array(count * steps);
      const targets = new Float32Array(count * steps);
      const conditions = new Int32Array(count);
      for (let trial = 0; trial < count; trial++) {
        const condition = Math.floor(uniform(key, first + trial, 0) * frequencies);
        const command = frequencies > 1 ? condition / (frequencies - 1) : 0;
        const cycles = slowest + command * (fastest - slowest);
        conditions[trial] = condition;
        for (let step = 0; step < steps; step++) {
          const at = trial * steps + step;
          trueInputs[at] = command + 0.25;
          inputs[at] = command + 0.25 + noise * normal(key, first + trial, step + 1);
          targets[at] = Math.sin((2 * Math.PI * cycles * step) / steps);
        }
      }
      return { trials: count, steps, inputs, trueInputs, targets, conditions, extra: new Float32Array(0) };
    },

    metrics(outputs, set) {
      let residual = 0;
      let total = 0;
      for (let i = 0; i < outputs.length; i++) {
        residual += (outputs[i] - set.targets[i]) ** 2;
        total += set.targets[i] ** 2;
      }
      return { explainedVariance: 1 - residual / total };
    },
  };
}
