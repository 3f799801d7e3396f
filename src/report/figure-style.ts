// Colours and rules of everything inside a figure: shared by the report's page and by figures that stand alone as files.

import { multitaskStyle } from './multitask-style.js';

/** Eleven steps of one hue between three anchors, light to dark on paper and dark to light at night: sequential scales for heat maps. */
function heatSteps(anchors: readonly [number, number, number]): string {
  const [from, middle, to] = anchors;
  const channel = (code: number, shift: number) => (code >> shift) & 255;
  const between = (a: number, b: number, share: number) =>
    [16, 8, 0]
      .map((shift) =>
        Math.round(channel(a, shift) + share * (channel(b, shift) - channel(a, shift)))
          .toString(16)
          .padStart(2, '0'),
      )
      .join('');
  return Array.from({ length: heatLevels }, (_, i) => {
    const share = (2 * i) / (heatLevels - 1);
    return `--h${i}: #${share <= 1 ? between(from, middle, share) : between(middle, to, share - 1)};`;
  }).join(' ');
}

/** Colours of a heat map; the numbers stand in its cells besides. */
export const heatLevels = 11;

/** Kinds of lines and marks that a figure can tell apart by colour and by dashes or shape; more start over. */
export const seriesKinds = 8;

/**
 * Colours are safe for the common colour-vision deficiencies: channels after Okabe & Ito (2008), memory states after Tol (2021, `muted`),
 * each lightened for the dark theme. Shape, lane and label say the same, so no figure depends on colour.
 */
export const light = `
  color-scheme: light; --paper: #fbfaf7; --card: #ffffff; --ink: #1d2126; --quiet: #5b626c; --rule: #e4e1d9; --grid: #ecebe6; --accent: #2f4b8f; --soft: #e9edf7; --train: #9a958a;
  --c0: #0072b2; --c1: #c8500a; --c2: #00805c; --c3: #a6518a; --c4: #a97400; --c5: #2a8fc2; --p0: #1d2126; --p1: #6a5d8c; --p2: #a08fc4;
  --s0: #332288; --s1: #3f9fd0; --s2: #2f9484; --s3: #117733; --s4: #8a8a2c; --s5: #c39a2f; --s6: #c25a6c; --s7: #882255;
  --bone: #e3ded2; --rest: #b9b2a6; --active: #c43c00; --trail: #2f4b8f; --push: #7b2a7f; --wait: #b07a00; --go: #00755a; --time0: #3a2a86; --time1: #d99a00;
  ${heatSteps([0xf1f4fa, 0x86acd8, 0x123a78])}`;
export const dark = `
  color-scheme: dark; --paper: #14161a; --card: #1b1e23; --ink: #e9e6df; --quiet: #a2a8b1; --rule: #31353c; --grid: #272b31; --accent: #9db4f2; --soft: #232a3a; --train: #7d8088;
  --c0: #5fb4e8; --c1: #f2935a; --c2: #3fc9a0; --c3: #df9cc6; --c4: #e0b04a; --c5: #8fd0f2; --p0: #f0ede6; --p1: #b3a3dc; --p2: #7d6fa6;
  --s0: #9a8cf0; --s1: #88ccee; --s2: #57c4b2; --s3: #5dbb75; --s4: #bcbc5a; --s5: #e6c878; --s6: #ee8d9c; --s7: #d977aa;
  --bone: #3a3f47; --rest: #6f7680; --active: #ff9a56; --trail: #9db4f2; --push: #e39be6; --wait: #e8bd55; --go: #45cfa4; --time0: #7a6cf0; --time1: #ffd45e;
  ${heatSteps([0x232830, 0x3f68a8, 0xd3e2ff])}`;

const dashes = ['none', '7 4', '2 4', '9 3 2 3', '4 2', '12 4', '1 3', '6 2 2 2'];

/** Lines, bands and filled marks of each series. */
function series(): string {
  return Array.from({ length: seriesKinds }, (_, i) => {
    const colour = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'p1', 'quiet'][i] as string;
    return `path.series${i} { stroke: var(--${colour}); stroke-width: 2; stroke-dasharray: ${dashes[i]}; } svg .series${i}-band { fill: var(--${colour}); opacity: 0.15; } svg .fill${i} { fill: var(--${colour}); stroke: none; } svg .mark${i} { fill: none; stroke: var(--${colour}); stroke-width: 1.6; } svg .mark0 { fill: var(--c0); }`;
  }).join('\n');
}

/** Rules of figures; colours are the variables of a theme. */
export const figureRules = `
svg.chart, svg.trial, svg.space { display: block; width: 100%; height: auto; overflow: visible; font: 11.5px var(--sans); fill: var(--quiet); }
svg path { fill: none; stroke-linejoin: round; stroke-linecap: round; }
.axis path { stroke: var(--quiet); stroke-width: 1; }
.axis .grid, .row .grid { stroke: var(--grid); }
.axis.x text { text-anchor: middle; }
.axis.y text, .row text { text-anchor: end; }
svg .label, .axis.y .label, .row .label { text-anchor: middle; }
.validation { stroke: var(--accent); stroke-width: 2; }
.train { stroke: var(--train); stroke-width: 1.3; }
.other { opacity: 0.38; stroke-width: 1.1; }
svg .validation-band { fill: var(--accent); opacity: 0.16; } svg .train-band { fill: var(--train); opacity: 0.16; }
.validation-end { fill: var(--accent); }
.reference { stroke: var(--quiet); stroke-dasharray: 2 5; }
svg .value { fill: var(--ink); font-weight: 600; }
svg .value.inside { fill: var(--card); }
.bar + .value { text-anchor: middle; }
svg path.bar { fill: var(--accent); opacity: 0.82; }
.sum { stroke: var(--c1); stroke-width: 1.8; }
.sum-dot { fill: var(--card); stroke: var(--c1); stroke-width: 1.8; }
.trial .row rect { fill: none; stroke: var(--rule); }
.trial .row text { font-size: 10px; }
.trial .row .title { font-size: 12px; font-weight: 600; fill: var(--ink); text-anchor: start; }
.trial .row .lane { font-size: 11px; font-weight: 600; text-anchor: start; }
.tick { stroke: var(--quiet); }
.trace { stroke-width: 1.3; }
.trace.behind { stroke: var(--train); stroke-width: 3; opacity: 0.4; }
${[0, 1, 2, 3, 4, 5].map((i) => `.trace.channel${i} { stroke: var(--c${i}); } text.channel${i} { fill: var(--c${i}); }`).join('\n')}
${[0, 1, 2].map((i) => `.trace.pc${i} { stroke: var(--p${i}); } text.pc${i} { fill: var(--p${i}); }`).join('\n')}
.place .body { overflow: hidden; }
svg .area { stroke: none; }
.body .bone { stroke: var(--bone); }
.body .joint { fill: var(--quiet); opacity: 0.55; }
.body .tendon { stroke: var(--rest); }
.body .muscle { --a: 0%; stroke: color-mix(in oklab, var(--active) var(--a), var(--rest)); }
.body .trail { stroke: var(--trail); }
.body .trail-edge { stroke: var(--card); opacity: 0.7; }
.body .hand { fill: var(--ink); stroke: var(--card); stroke-width: 1.5; }
.body .start { fill: none; stroke: var(--quiet); stroke-width: 1.8; }
.body .target { fill: var(--go); opacity: 0.35; }
.body .target-go { fill: none; stroke: var(--go); stroke-width: 2.4; }
.body .target-wait { fill: none; stroke: var(--wait); stroke-width: 2.4; stroke-dasharray: 4 2.6; }
.body .push { stroke: var(--push); }
.body .push.area { fill: var(--push); stroke: none; }
.body text { fill: var(--ink); font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--card); stroke-width: 3.5px; stroke-linejoin: round; }
.body .push-name { fill: var(--push); font-weight: 600; text-anchor: middle; }
.body .clock { font-weight: 600; font-size: 13px; }
.body .time { --a: 0%; stroke: color-mix(in oklab, var(--time1) var(--a), var(--time0)); }
.body .posture { opacity: 0.6; }
.reach .path { stroke: var(--trail); stroke-width: 1.2; opacity: 0.45; }
.reach .goal, .body .goal { fill: var(--go); opacity: 0.75; }
.reach .from, .body .from { fill: var(--card); stroke: var(--quiet); stroke-width: 1.4; }
.reach .catch, .body .catch { stroke: var(--wait); stroke-width: 1.6; fill: var(--card); }
.reach.chosen .path { stroke: var(--ink); stroke-width: 2.4; opacity: 1; }
.reach.chosen .goal { opacity: 1; stroke: var(--ink); stroke-width: 1.4; }
.reach.chosen .from, .reach.chosen .catch { stroke: var(--ink); stroke-width: 1.8; }
.trial .event path { stroke-width: 1.4; }
.trial .event text { font-size: 11px; font-weight: 600; stroke: none; }
.trial .targetOn path { stroke: var(--wait); stroke-dasharray: 5 3; } .trial .targetOn text { fill: var(--wait); text-anchor: end; }
.trial .goCue path { stroke: var(--go); } .trial .goCue text { fill: var(--go); }
.trial .event.bump { fill: var(--push); opacity: 0.14; }
.shade { fill: var(--push); opacity: 0.1; }
.space .event0 { fill: var(--card); stroke: var(--wait); stroke-width: 2; }
.space .event1 { fill: var(--go); stroke: var(--card); stroke-width: 1.2; }
.phase-delay { stroke: var(--c0); stroke-width: 2; } .phase-movement { stroke: var(--c1); stroke-width: 2; stroke-dasharray: 7 4; } .phase-later { stroke: var(--c2); stroke-width: 2; stroke-dasharray: 2 4; }
svg .phase-delay-band { fill: var(--c0); opacity: 0.16; } svg .phase-movement-band { fill: var(--c1); opacity: 0.14; } svg .phase-later-band { fill: var(--c2); opacity: 0.12; }
.stretched { stroke: var(--c1); stroke-width: 1.7; } .shortened { stroke: var(--c0); stroke-width: 1.5; stroke-dasharray: 5 3; }
.position-term { stroke: var(--c0); stroke-width: 2; } .action-term { stroke: var(--c1); stroke-width: 2; stroke-dasharray: 7 4; }
.trial .row .lane.plain { fill: var(--ink); }
svg.space { overflow: hidden; }
.space:focus:not(:focus-visible) { outline: none; }
.space { cursor: grab; touch-action: pan-y; user-select: none; border-radius: 6px; }
.space:active { cursor: grabbing; }
.space .spine { stroke: var(--rule); stroke-width: 1.2; }
.space .edge { stroke: var(--quiet); stroke-width: 1; opacity: 0.75; }
.space .far { opacity: 0.35; }
.space .line { stroke: var(--accent); stroke-width: 0.9; }
.space .dots { stroke-width: 2.4; }
.space .dots.depth0 { opacity: 0.32; } .space .dots.depth1 { opacity: 0.46; } .space .dots.depth2 { opacity: 0.62; }
.space .line.depth0 { opacity: 0.22; } .space .line.depth1 { opacity: 0.36; } .space .line.depth2 { opacity: 0.52; }
.space .halo { stroke: var(--card); stroke-width: 2.6; opacity: 0.6; }
.space .chosen { stroke: var(--ink); stroke-width: 1; opacity: 0.85; }
.space .start { fill: var(--card); stroke: var(--ink); stroke-width: 1.8; }
.space .end { fill: var(--ink); stroke: var(--card); stroke-width: 1.2; }
.mark { fill: var(--accent); stroke: var(--card); stroke-width: 1.5; }
${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `.dots.state${i}, .line.state${i} { stroke: var(--s${i}); } .mark.state${i} { fill: var(--s${i}); }`).join('\n')}
.space .arrow { stroke: var(--quiet); stroke-width: 1.2; }
.space text { text-anchor: middle; paint-order: stroke; stroke: var(--card); stroke-width: 3.5px; stroke-linejoin: round; }
.space .name { fill: var(--ink); font-weight: 600; font-size: 12px; font-variant-numeric: tabular-nums; }
.space .scale-name { text-anchor: end; }
${Array.from({ length: heatLevels }, (_, i) => `.heat .h${i} { fill: var(--h${i}); }`).join(' ')}
.heat .none { fill: none; stroke: var(--rule); }
.heat .number { fill: var(--ink); text-anchor: middle; font-weight: 600; font-size: 11px; } .heat .number.strong { fill: var(--card); }
.heat .number.below { font-weight: 400; font-size: 10px; }
.heat .row-name { text-anchor: end; } .heat .column-name { text-anchor: middle; } .heat .column-name.turned { text-anchor: end; }
.heat .row-name, .heat .column-name { fill: var(--ink); }
.heat .scale-end { text-anchor: start; } .heat .scale-end.high { text-anchor: end; }
${multitaskStyle((name) => `var(--${{ ink: 'ink', quiet: 'quiet', rule: 'rule', red: 'c1', orange: 'c4', blue: 'c0', purple: 'c3', green: 'c2' }[name]})`)}
.mt-hit { fill: var(--go); opacity: 0.75; } .mt-miss { fill: var(--card); stroke: var(--c1); stroke-width: 1.8; } .mt-silent { fill: var(--c0); opacity: 0.6; } svg path.mt-off { stroke: var(--c1); stroke-width: 0.9; opacity: 0.7; }
${series()}
${Array.from({ length: 8 }, (_, i) => `path.ordered${i}, .line.state${10 + i} { stroke: var(--h${3 + i}); stroke-width: 1.8; } .mark.state${10 + i} { fill: var(--h${3 + i}); }`).join('\n')}
.space .line.state10, ${Array.from({ length: 7 }, (_, i) => `.space .line.state${11 + i}`).join(', ')} { opacity: 1; stroke-width: 1.6; }
path.wide { stroke-width: 8; stroke-linecap: butt; }
svg .bar-value { fill: var(--ink); font-size: 10px; text-anchor: middle; }
svg .whisker { stroke: var(--ink); stroke-width: 1.1; }
svg .threshold { stroke: var(--c1); stroke-width: 1.6; stroke-dasharray: 5 3; } svg .threshold-name { fill: var(--c1); font-weight: 600; }
svg .unit-circle { stroke: var(--quiet); stroke-width: 1.2; } svg .inside-circle { fill: var(--go); opacity: 0.07; }
svg .eigenvalue { fill: var(--go); stroke: var(--card); stroke-width: 1; } svg .eigenvalue.outside { fill: var(--card); stroke: var(--c1); stroke-width: 2; }
svg .diagonal { stroke: var(--quiet); stroke-dasharray: 3 4; }
svg .hit { fill: transparent; stroke: none; }
svg .legend-name { fill: var(--ink); }
svg .dot-note { text-anchor: end; } svg .dot-line { stroke: var(--rule); stroke-width: 3; }
svg .roof { stroke: var(--ink); stroke-width: 1.8; } svg .roof.cache { stroke-dasharray: 2 4; stroke-width: 1.4; } svg .roof-name { text-anchor: end; fill: var(--ink); font-weight: 600; }
svg .leader { stroke: var(--quiet); stroke-width: 0.7; } svg .point-name { fill: var(--ink); font-size: 10.5px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
${['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'p1', 'quiet'].map((colour, i) => `svg .law${i} { stroke: var(--${colour}); }`).join(' ')} svg .law { stroke-width: 1.5; } svg .law.broken { stroke-dasharray: 2 4; opacity: 0.75; }
path.spike { stroke: var(--ink); stroke-linecap: butt; stroke-width: 2; } path.spike1 { opacity: 0.42; } path.spike2 { opacity: 0.7; }
.heat path.cell { stroke: none; } svg .lane-name { fill: var(--ink); font-weight: 600; }
.point .shape { stroke-width: 2; fill: var(--card); }
.point0 .shape { fill: var(--go); stroke: var(--card); stroke-width: 1.2; } .point1 .shape { stroke: var(--c1); } .point2 .shape { stroke: var(--c3); } .point3 .shape { stroke: var(--c0); }
.point.far .shape { stroke-dasharray: 2 2; } .point0.far .shape { fill: var(--card); stroke: var(--go); stroke-width: 2; }
.point.picked .shape { stroke: var(--ink); stroke-width: 2.6; }
.point-mode { stroke: var(--c1); stroke-width: 1.8; } .point .mode { stroke-width: 1.8; } .point1 .mode { stroke: var(--c1); } .point2 .mode { stroke: var(--c3); } .point3 .mode { stroke: var(--c0); }
`;

/** A colour of the light theme by its name, as red, green and blue: for pictures that have no style sheet. */
export function lightColour(name: string): readonly [number, number, number] {
  const code = Number.parseInt(new RegExp(`--${name}: #([0-9a-f]{6})`).exec(light)?.[1] ?? '000000', 16);
  return [code >> 16, (code >> 8) & 255, code & 255];
}
