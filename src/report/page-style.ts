// The report's style sheet: paper and night colours, one column on a phone, figures side by side on a desk, plain on print.
import { dark, figureRules, light } from './figure-style.js';
import { type Markup, raw } from './html.js';

const sheet = `
:root {${light}
  --serif: Charter, 'Bitstream Charter', 'Sitka Text', Cambria, 'Noto Serif', 'DejaVu Serif', Georgia, serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace; }
@media screen and (prefers-color-scheme: dark) { :root {${dark} } }
${figureRules}* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 5rem; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.06rem/1.6 var(--serif); overflow-wrap: break-word; }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
header { padding-top: clamp(1.8rem, 5vw, 3.6rem); }
h1 { font-size: clamp(1.7rem, 4.4vw, 2.6rem); line-height: 1.15; margin: 0.2rem 0 1rem; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 1.42rem; line-height: 1.25; margin: 0 0 0.3rem; font-weight: 600; }
h3 { font: 600 0.95rem/1.35 var(--sans); margin: 0 0 0.5rem; }
h3 .quiet { font-weight: 400; font-size: 0.86rem; }
p { margin: 0 0 0.8rem; max-width: 46rem; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
.eyebrow { font: 600 0.78rem/1.4 var(--sans); letter-spacing: 0.08em; text-transform: uppercase; color: var(--quiet); margin: 0; }
.lead { font-size: clamp(1.1rem, 2.1vw, 1.28rem); line-height: 1.5; max-width: 50rem; margin-bottom: 0.6rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 0.9rem 2rem; margin: 1.6rem 0; padding: 1.1rem 0; border: solid var(--rule); border-width: 1px 0; font: 0.9rem/1.45 var(--sans); }
.facts div { min-width: 0; }
dt { color: var(--quiet); font-size: 0.8rem; }
dd { margin: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1rem; margin: 0 0 1.6rem; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1rem 1.2rem 1.1rem; font: 0.9rem/1.45 var(--sans); min-width: 0; }
.cards b { display: block; font-size: 1.05rem; }
.cards .quiet { margin-bottom: 0.7rem; }
.cards .number { font: 600 1.9rem/1.1 var(--serif); font-variant-numeric: tabular-nums; }
.cards .pair { display: flex; gap: 1.6rem; flex-wrap: wrap; }
.bits { display: grid; grid-template-columns: fit-content(45%) minmax(3rem, 1fr) auto; gap: 0.15rem 0.7rem; align-items: center; margin-top: 0.8rem; font-size: 0.84rem; font-variant-numeric: tabular-nums; }
.bits span { min-width: 0; overflow-wrap: anywhere; }
.bits i { height: 6px; border-radius: 3px; background: var(--grid); overflow: hidden; }
.bits i::before { content: ''; display: block; height: 100%; width: var(--share); border-radius: 3px; background: var(--bit); }
.quiet { color: var(--quiet); }
.command { display: flex; gap: 0.6rem; align-items: flex-start; margin: 0 0 1.4rem; font: 0.86rem/1.5 var(--mono); }
.command code { flex: 1; min-width: 0; background: var(--soft); border-radius: 6px; padding: 0.5rem 0.8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: var(--mono); font-size: 0.92em; }
button, .chooser label { font: 500 0.84rem/1.2 var(--sans); color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 0.5rem 0.8rem; cursor: pointer; }
button:hover, .chooser label:hover { border-color: var(--accent); }
button[aria-pressed='true'] { background: var(--accent); border-color: var(--accent); color: var(--paper); }
nav { font: 0.88rem/1.4 var(--sans); margin: 0 0 2.4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.3rem 1.3rem; list-style: none; margin: 0; padding: 0; }
section { margin: 0 0 3.2rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1.2rem; margin: 1.1rem 0 0.9rem; }
.figures > div { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1rem 1rem 0.8rem; min-width: 0; max-width: 40rem; container-type: inline-size; }
@media (min-width: 62rem) { .figures > .large { grid-column: span 2; grid-row: span 2; max-width: none; } }
.figures .legend { font-size: 0.8rem; gap: 0.2rem 1rem; margin-top: 0.5rem; }
figure { margin: 0; }
figcaption { font: 0.88rem/1.55 var(--sans); color: var(--quiet); max-width: 48rem; }
figcaption b { color: var(--ink); font-weight: 600; }
.levels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr)); gap: 0.15rem 1.2rem; list-style: none; margin: 0.6rem 0 0; padding: 0; font: 0.82rem/1.5 var(--sans); font-variant-numeric: tabular-nums; }
.levels li { display: grid; grid-template-columns: 6.4rem 1fr 2.2rem; gap: 0.5rem; align-items: center; }
.levels span { overflow: hidden; text-overflow: ellipsis; }
.levels b { font-weight: 500; text-align: right; }
.levels i { height: 6px; border-radius: 3px; background: var(--grid); overflow: hidden; }
.levels i::before { content: ''; display: block; height: 100%; width: var(--share); background: color-mix(in oklab, var(--active) var(--share), var(--rest)); }
.ramp, .time-legend i { display: inline-block; width: 4rem; height: 0.6rem; border-radius: 3px; background: linear-gradient(in oklab to right, var(--rest), var(--active)); }
.time-legend { display: flex; align-items: center; gap: 0.6rem; font: 0.82rem/1.4 var(--sans); color: var(--quiet); margin: 0.4rem 0 0 10.5%; }
.time-legend i { flex: 1; max-width: 14rem; background: linear-gradient(in oklab to right, var(--time0), var(--time1)); }
.player { display: none; }
.live .player { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.9rem; margin: 0 0 1rem; font: 0.86rem/1.3 var(--sans); }
.player button:first-child { min-width: 4.6rem; }
.player select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 0.4rem 0.3rem; }
.player output { font-variant-numeric: tabular-nums; font-weight: 600; min-width: 3.6rem; text-align: right; }
.timeline { flex: 1 1 18rem; min-width: min(100%, 14rem); }
.timeline > div { position: relative; height: 1.25rem; margin: 0 8px; border-bottom: 1px solid var(--rule); }
.timeline i { position: absolute; bottom: 0; height: 100%; border-left: 2px solid; font-style: normal; white-space: nowrap; }
.timeline i[hidden] { display: none; }
.timeline i[data-mark='bump'] { border: 0; background: var(--push); opacity: 0.3; }
.timeline i[data-mark='targetOn'] { color: var(--wait); border-left-style: dashed; } .timeline i[data-mark='goCue'] { color: var(--go); }
.timeline span { font-size: 0.74rem; font-weight: 600; padding-left: 0.25rem; }
.timeline .left span { position: absolute; right: 100%; padding: 0 0.3rem 0 0; }
.timeline input { display: block; width: 100%; margin: 0.1rem 0 0; accent-color: var(--accent); }
.numbers { width: 100%; font-size: 0.84rem; margin-top: 0.6rem; }
.numbers th, .numbers td { padding: 0.3rem 0.5rem 0.3rem 0; border-bottom: 1px solid var(--rule); }
.numbers thead th { color: var(--quiet); font-weight: 500; }
.numbers tbody th { font-weight: 500; }
.laws { font: 0.84rem/1.5 var(--sans); font-variant-numeric: tabular-nums; padding-left: 1.1rem; margin: 0.6rem 0 0; }
.small-print { font: 0.84rem/1.5 var(--sans); margin-top: 0.8rem; max-width: 60rem; }
.figures.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
.figures.columns { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
@media (min-width: 62rem) { .figures.columns { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); } }
.findings { padding-left: 1.1rem; max-width: 50rem; } .findings li { margin-bottom: 0.7rem; }
.figures.pairs { grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; font: 0.86rem/1.4 var(--sans); color: var(--quiet); margin: 0.9rem 0 0; padding: 0; list-style: none; }
.legend li { display: flex; align-items: center; gap: 0.5rem; }
.legend svg { width: 28px; height: 10px; flex: none; }
.chooser { display: none; }
.live .chooser { display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem; position: sticky; top: 0; z-index: 2; background: var(--paper); border: 0; border-bottom: 1px solid var(--rule); margin: 0 0 1.4rem; padding: 0.6rem 0; min-width: 0; font: 0.86rem/1.3 var(--sans); }
.chooser > span { margin-right: 0.5rem; }
.chooser input { position: absolute; opacity: 0; pointer-events: none; }
.chooser label { padding: 0.42rem 0.62rem; min-width: 2.1rem; text-align: center; font-variant-numeric: tabular-nums; }
.chooser input:checked + label { background: var(--accent); border-color: var(--accent); color: var(--paper); }
.chooser input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.spin { display: none; }
.tip { position: fixed; z-index: 5; max-width: min(20rem, calc(100vw - 8px)); padding: 0.3rem 0.55rem; border-radius: 6px; background: var(--ink); color: var(--paper); font: 0.8rem/1.4 var(--sans); font-variant-numeric: tabular-nums; pointer-events: none; }
.tip[hidden] { display: none; }
.save { display: flex; justify-content: flex-end; gap: 0.2rem; margin-top: 0.1rem; }
.save button { font-size: 0.7rem; padding: 0.22rem 0.45rem; border-color: transparent; background: none; color: var(--quiet); }
.save button:hover, .save button:focus-visible { border-color: var(--rule); color: var(--ink); }
.point { cursor: pointer; }
.explore { display: none; }
.live .explore { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.2rem; margin: 0 0 0.8rem; font: 0.88rem/1.4 var(--sans); }
.live .scrubber { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin: 0.6rem 0 0; font: 0.88rem/1.4 var(--sans); }
.scrubber { display: none; } .scrubber label { display: flex; align-items: center; gap: 0.5rem; } .scrubber input { width: min(24rem, 60vw); accent-color: var(--accent); } .scrubber output { font-variant-numeric: tabular-nums; font-weight: 600; }
.explore label { display: flex; align-items: center; gap: 0.5rem; }
.explore input[type='range'] { width: min(18rem, 60vw); accent-color: var(--accent); }
.explore select, .picker select { font: inherit; max-width: 100%; color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 0.35rem 0.3rem; }
.picker { display: none; }
.live .picker { display: block; font: 0.86rem/1.4 var(--sans); margin-bottom: 0.4rem; }
.counts { font: 0.92rem/1.5 var(--sans); font-variant-numeric: tabular-nums; }
.point-facts { font: 0.84rem/1.5 var(--sans); font-variant-numeric: tabular-nums; margin: 0.3rem 0 0; }
.scroll { overflow: auto; max-height: 26rem; margin: 0.8rem 0; }
.points-table th, .points-table td, .plain-table th, .plain-table td { padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid var(--rule); white-space: nowrap; vertical-align: top; }
.points-table thead th { position: sticky; top: 0; background: var(--paper); }
.points-table thead th, .plain-table thead th { color: var(--quiet); font-weight: 500; font-size: 0.82rem; }
@media (prefers-reduced-motion: no-preference) { .live .spin { display: inline-block; margin-top: 0.4rem; } }
.hint { display: none; }
.live .hint { display: inline; }
.corners { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9rem), 1fr)); gap: 0.15rem 0.8rem; list-style: none; margin: 0.7rem 0 0.2rem; padding: 0; font: 0.82rem/1.5 var(--sans); color: var(--quiet); font-variant-numeric: tabular-nums; }
.corners b { color: var(--ink); }
.swatch { width: 0.75rem; height: 0.75rem; vertical-align: -0.08rem; margin-right: 0.15rem; }
table { border-collapse: collapse; font: 0.9rem/1.4 var(--sans); font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; }
.wide { overflow-x: auto; margin: 1.1rem 0 1rem; }
.matrix { border-collapse: separate; border-spacing: 4px; table-layout: fixed; width: 100%; margin-left: -4px; }
.matrix th, .matrix td { padding: 0.6rem 0.5rem; }
.matrix th { font-weight: 400; color: var(--quiet); vertical-align: bottom; overflow-wrap: anywhere; }
.matrix th:first-child { width: 10rem; padding-left: 0; vertical-align: middle; }
.matrix b { color: var(--ink); font-weight: 600; }
.matrix small { display: block; }
.matrix.numbered { font-size: 0.84rem; }
.matrix.numbered th, .matrix.numbered td { padding: 0.4rem 0.1rem; text-align: center; }
.matrix.numbered th:first-child { text-align: left; }
.matrix .r2 { text-align: center; background: color-mix(in oklab, var(--accent) calc(var(--share) * 0.85), var(--soft)); border-radius: 8px; font-weight: 600; }
.matrix .r2.strong { color: var(--paper); }
.matrix .r2.same { background: var(--grid); color: var(--quiet); font-weight: 400; }
.runs { width: 100%; overflow-wrap: anywhere; }
.runs thead th:first-child { min-width: 5.5rem; }
.runs th, .runs td { padding: 0.5rem 0.9rem 0.5rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
.runs thead th { color: var(--quiet); font-weight: 500; font-size: 0.82rem; overflow-wrap: normal; }
.runs td { overflow-wrap: break-word; }
.notes { font: 0.9rem/1.55 var(--sans); padding-left: 1.1rem; max-width: 48rem; }
details { font: 0.92rem/1.6 var(--sans); max-width: 48rem; }
summary { cursor: pointer; font-weight: 600; padding: 0.3rem 0; }
details.points { max-width: none; }
details p { max-width: none; margin: 0.5rem 0; }
footer { padding-bottom: 3rem; font: 0.84rem/1.5 var(--sans); color: var(--quiet); }
@media (max-width: 46rem) {
  .runs thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .runs, .runs tbody, .runs tr, .runs th, .runs td { display: block; border: 0; padding: 0; }
  .runs tr { border-bottom: 1px solid var(--rule); padding: 0.7rem 0; }
  .runs td { display: grid; grid-template-columns: 9.5rem 1fr; }
  .runs td::before { content: attr(data-label); color: var(--quiet); padding-right: 0.6em; }
  .matrix th, .matrix td { padding: 0.45rem 0.3rem; font-size: 0.84rem; }
  .matrix th:first-child { width: 6.6rem; }
  .matrix.numbered { border-spacing: 2px; }
  .matrix.numbered th, .matrix.numbered td { font-size: 0.7rem; }
  .matrix.numbered .r2 { border-radius: 4px; font-weight: 500; white-space: nowrap; padding: 0.5rem 0; }
  .figures > div { padding: 0.8rem 0.6rem 0.6rem; }
  .live .chooser { display: grid; grid-template-columns: repeat(auto-fit, minmax(26px, 1fr)); gap: 3px; }
  .chooser label { padding: 0.5rem 0; min-width: 0; }
  .chooser > span { grid-column: 1 / -1; margin-bottom: 0.2rem; }
}
@container (max-width: 24rem) {
  svg.chart, svg.trial, svg.space { font-size: 13.5px; }
  .trial .row text { font-size: 11.5px; } .trial .row .title { font-size: 14px; } .trial .row .lane { font-size: 12.5px; }
  .space .name { font-size: 14px; }
}
@media print {
  body { font-size: 10.5pt; background: #fff; }
  nav, .live .chooser, .live .player, .live .spin, .live .hint, .live .explore, .live .picker, .save, .tip, .command button { display: none; }
  section, .figures > div { break-inside: avoid; }
  section { margin-bottom: 1.4rem; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .matrix .r2, .bits i, .bits i::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

/** The whole sheet, for an inline `<style>`. */
export const pageStyle: Markup = raw(sheet);
