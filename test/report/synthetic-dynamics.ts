// Made-up dynamics for tests of the report and for looking at it: the cube of a network that holds three bits, without training one.
import type { DsaScanSummary } from '../../src/analysis/dsa/summarise-scan.js';
import type { DynamicsSummary, FixedPointSummary, LayerTangling, PointSummary } from '../../src/analysis/dynamics-data.js';
import type { ExperimentSummary } from '../../src/analysis/summary-data.js';
import { normalAt, randomKey, uniformAt } from '../../src/random.js';

const key = randomKey(3, 'synthetic dynamics');

/** Where the synthetic runs' latents lie for an output (synthetic.ts). */
function scoresOf(output: readonly number[]): [number, number, number] {
  const [a = 0, b = 0, c = 0] = output.map((value) => value - 0.5);
  return [4 * a + b, 3.4 * b - a + 0.5 * a * b, 2.6 * c + 0.4 * a * a];
}

function point(output: readonly number[], unstable: number, index: number, far = false): PointSummary {
  const eigenvalues = Array.from({ length: 20 }, (_, i): [number, number] => {
    if (i < unstable) return [1.3 - 0.1 * i, 0];
    const modulus = 0.97 * 0.9 ** (i - unstable);
    const angle = i % 4 < 2 ? 0 : 0.5 * (i % 4 === 2 ? 1 : -1);
    return [modulus * Math.cos(angle), modulus * Math.sin(angle)];
  });
  const offset = far ? 9 : 0;
  const [x, y, z] = scoresOf(output);
  return {
    scores: [x + offset, y, z],
    speed: 10 ** (-26 + 4 * uniformAt(key, 1, index)),
    unstable,
    eigenvalues,
    timeConstants: eigenvalues.map(([re, im]) => -1 / Math.log(Math.hypot(re, im))),
    readout: output.map((value, bit) => value + 0.02 * normalAt(key, 2 + bit, index)),
    corner: output.map((value) => (value >= 0.5 ? '1' : '0')).join(''),
    distance: far ? 9.1 : 0.1 + 0.2 * uniformAt(key, 9, index),
    far,
    starts: unstable === 0 ? 90 : 9,
    modes: Array.from({ length: Math.min(3, unstable) }, (_, i) => scoresOf([0, 1, 2].map((bit) => 0.5 + (bit === i ? 0.16 : 0)))),
  };
}

/** Eight corners, twelve edges, two faces, one point far away and one slow point, as a search would have found them. */
export function syntheticFixedPoints(): FixedPointSummary {
  const corners = Array.from({ length: 8 }, (_, code) => [code >> 2, (code >> 1) & 1, code & 1]);
  const edges = corners.flatMap((corner) => [0, 1, 2].flatMap((bit) => (corner[bit] === 0 ? [corner.map((value, i) => (i === bit ? 0.5 : value))] : [])));
  const faces = [
    [0.5, 0.5, 0],
    [0.5, 0.5, 1],
  ];
  const points = [
    ...corners.map((corner, i) => point(corner, 0, i)),
    ...edges.map((edge, i) => point(edge, 1, 10 + i)),
    ...faces.map((face, i) => point(face, 2, 30 + i)),
    point([0.5, 0.5, 0.5], 4, 40, true),
  ].sort((a, b) => a.speed - b.speed);
  const slow = { ...point([0.2, 0.6, 0.4], 1, 50), speed: 3.2e-7 };
  const edgesOfBins = Array.from({ length: 61 }, (_, i) => -30 + i / 2);
  const counts = edgesOfBins.slice(1).map((edge) => Math.round(180 * Math.exp(-((edge + 24) ** 2) / 6) + (edge > -8 && edge < -6 ? 40 : 0)));
  const starts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
  return {
    method: 'levenberg-marquardt',
    input: 'zeros',
    settings: { tolerance: 1e-20, uniqueTolerance: 1e-3 },
    seconds: 4.2,
    counts: { starts: 1052, seeded: 28, converged: 938, slow: 114, outliers: 0, unique: 23, uniqueSlow: 1, stable: 8, byIndex: [8, 12, 2, 0, 1] },
    points: [...points, slow],
    histogram: { edges: edgesOfBins, counts },
    trace: { iteration: Array.from({ length: 41 }, (_, i) => i), meanSpeed: Array.from({ length: 41 }, (_, i) => 0.02 * 10 ** (-0.012 * i * i) + 1e-10) },
    discovery: { starts, stable: starts.map((n) => Math.min(8, n)), unique: starts.map((n) => Math.min(23, Math.round(1.3 * n ** 0.6))) },
  };
}

function tangling(layer: string, level: number): LayerTangling {
  const quantiles = Array.from({ length: 101 }, (_, i) => Number((level * 10 ** ((i - 50) / 60)).toPrecision(4)));
  const samples = Array.from({ length: 200 }, (_, i) =>
    Number((level * 10 ** (0.4 * normalAt(key, 60, i) + 0.2 * normalAt(key, Math.round(level * 100), i))).toPrecision(4)),
  );
  const at = (share: number) => quantiles[share] as number;
  return { layer, epsilon: 'russo', derivative: 'forward', mean: level * 1.4, median: at(50), p90: at(90), p95: at(95), max: at(100), quantiles, samples };
}

export function syntheticDynamics(): DynamicsSummary {
  return {
    fixedPoints: syntheticFixedPoints(),
    tangling: [tangling('latents', 0.02), tangling('controlled outputs', 0.15)],
    decoding: [1, 2, 3].map((bit) => ({ variable: `bit ${bit}`, r2: 0.97 - 0.03 * bit, inSample: 0.98 - 0.02 * bit })),
    dsaScan: syntheticScan(),
    phases: null,
    epochs: null,
    notes: [],
  };
}

/** A scan in which two ranks are too high for one delay. */
function syntheticScan(): DsaScanSummary {
  const [delays, ranks] = [
    [1, 10],
    [2, 10, 50],
  ];
  const table = (scale: number) => delays.map((d, i) => ranks.map((rank, k) => (i === 0 && k > 0 ? null : Number((scale / (d + rank)).toPrecision(4)))));
  return {
    ...{ delays, ranks, trials: 2, phase: 'validation' },
    ...{ splitHalf: table(2), mase: table(8), mse: table(0.1), aic: table(-30), nonNormality: table(4), residual: table(1) },
  };
}

/** The summary with dynamics for its first network, and for every other a part of them. */
export function withDynamics(summary: ExperimentSummary): ExperimentSummary {
  const partly: DynamicsSummary = {
    fixedPoints: null,
    tangling: null,
    decoding: null,
    dsaScan: null,
    phases: null,
    epochs: null,
    notes: ['no fixed points: the network has no constant input'],
  };
  return { ...summary, runs: summary.runs.map((run, i) => ({ ...run, dynamics: i === 0 ? syntheticDynamics() : partly })) };
}
