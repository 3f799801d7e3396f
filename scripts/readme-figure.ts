// Draws docs/images/quickstart.svg, the README's figure, from a real run: node --import tsx scripts/readme-figure.ts RUN/analysis.json
import { readFileSync, writeFileSync } from 'node:fs';
import type { ExperimentSummary, FigureArray } from '../src/analysis/summary-data.js';
import { html } from '../src/report/html.js';
import { pageStyle } from '../src/report/page-style.js';
import { shownRuns, withBitNames } from '../src/report/sentences.js';
import { cubeScene, memoryCodes, spaceFigure } from '../src/report/space-figure.js';
import { trialPanels } from '../src/report/trial-panels.js';

const [source, target = 'docs/images/quickstart.svg'] = process.argv.slice(2);
if (source === undefined) throw new Error('readme-figure: expected the path of an analysis.json, got nothing; run the quick start first');
const summary = withBitNames(JSON.parse(readFileSync(source, 'utf8')) as ExperimentSummary);
const run = shownRuns(summary)[0];
if (!run) throw new Error(`readme-figure: expected ${source} to hold a network with figures, got none`);

const panels = trialPanels(summary, run, 0).text;
const height = Number(/viewBox="0 0 460 (\d+)"/.exec(panels)?.[1]);
const cube = spaceFigure(
  cubeScene(run, summary.task.outputLabels),
  run.outputs as FigureArray,
  memoryCodes(summary),
  0,
  `Outputs of ${run.model} in the cube of bits`,
).text;
/** A figure of the report as a nested drawing at (x, y); what only its page's script needs is dropped. */
const place = (text: string, x: number, y: number, size: number) =>
  text.replace('<svg ', `<svg x="${x}" y="${y}" width="460" height="${size}" `).replace(/ tabindex="0"| data-[a-z]+="[^"]*"/g, '');
const figure = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 ${height + 56}" role="img">
<title>${run.model} on a trial, and its outputs in the cube of bits</title>
<style>${pageStyle}
.sheet { fill: var(--card); } .head { font: 600 15px var(--sans); fill: var(--ink); } .note { font: 12px var(--sans); fill: var(--quiet); }</style>
<rect class="sheet" width="960" height="${height + 56}" rx="10"/>
<text class="head" x="24" y="30">${run.model} on a validation trial</text>
<text class="head" x="508" y="30">Its outputs in the cube of bits</text>
<text class="note" x="508" y="${height + 30}">Dots: steps of 11 other trials, coloured by the memory asked for.</text>
`.text;
writeFileSync(target, `${figure}${place(panels, 8, 44, height)}${place(cube, 492, 44 + (height - 400) / 2, 380)}</svg>\n`);
