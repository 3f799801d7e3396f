// Are recurrent states less tangled than the muscle excitations that they produce? For every network of a run of experiments/cyclic-reach.yaml: tangling by layer,
// speed axes, and a page to look at. Usage: node examples/cyclic-geometry.mjs runs/cyclic-reach [geometry.html]
import { writeFileSync } from 'node:fs';
import { compareLayerTangling, cycleAverages, createBackend, geometryView, nodeStorage, openAnalyses, periodicOnsets, renderGeometry } from 'motorloop';

const [directory, page] = process.argv.slice(2);
const backend = await createBackend('wasm');
for (const analysis of await openAnalyses(nodeStorage(directory), { backend })) {
  const { latents, actions, states } = await analysis.getModelOutputsNoiseless();
  const { speeds, goTime } = analysis.task.parameters;
  const dt = analysis.task.stepDuration;
  const labels = Array.from(await analysis.getConditions(), (condition) => speeds[condition]);
  const layers = { 'GRU states': latents, 'muscle excitations': actions, 'muscle states': states };
  // The hand sets off 0.2 s after the go cue; the slowest cycle takes 2.5 s of the 3 s of a trial.
  const first = Math.round((goTime + 0.3) / dt);
  const { averaged, lengths, layers: geometry, above } = await compareLayerTangling(layers, labels, { dt, cycles: { first } });
  console.log(`${analysis.name}: ${averaged.join(', ')} cycles of ${lengths.join(', ')} samples`);
  for (const { name, units, tangling, speedAxis } of geometry) {
    const r2 = speedAxis ? `, speed axis: R² with the speed ${speedAxis.r2?.toFixed(3)}` : '';
    console.log(`  ${name} (${units}): 90th percentile ${tangling.russo.p90.toFixed(0)} (Russo), ${tangling.rush.p90.toFixed(0)} (Rush)${r2}`);
  }
  console.log(
    `  excitations more tangled than states at ${(100 * above.russo[1][0]).toFixed(0)} % of the samples (Russo), ${(100 * above.rush[1][0]).toFixed(0)} % (Rush)`,
  );
  if (page && analysis.seed === 0) {
    const onsets = labels.map((speed) => periodicOnsets(latents.steps, 1 / (speed * dt), first));
    const cycles = Object.entries(layers).map(([name, layer]) => [name, cycleAverages(layer, onsets, labels)]);
    const view = await geometryView(Object.fromEntries(cycles.map(([name, { mean }]) => [name, mean])), { speeds: cycles[0][1].labels, unit: 'cycles/s', dt });
    writeFileSync(page, renderGeometry(view, `Cyclic reaching, ${analysis.name}`));
  }
  analysis.release();
}
