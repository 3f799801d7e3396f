// What the lab adds to the report's style sheet: forms, the bar, frames. Colours and type are the report's.
export const labStyle = `
html { scroll-padding-top: 6rem; }
h2 { margin-bottom: 0.8rem; }
.bar { position: sticky; top: 0; z-index: 3; background: var(--paper); border: solid var(--rule); border-width: 1px 0; }
.bar { display: flex; align-items: center; gap: 1.2rem; padding: 0.7rem max(clamp(1rem, 4vw, 2.5rem), calc((100vw - 1180px) / 2 + 2.5rem)); margin: 1rem 0 1.6rem; font: 0.95rem/1.4 var(--sans); }
.bar > div { flex: 1; min-width: 0; }
.bar p { margin: 0; max-width: none; }
.bar-text { font-variant-numeric: tabular-nums; }
progress { width: 100%; height: 0.5rem; margin-top: 0.4rem; display: block; appearance: none; border: 0; border-radius: 4px; background: var(--grid); overflow: hidden; }
progress::-webkit-progress-bar { background: var(--grid); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
button, a.button { display: inline-block; font: 500 0.9rem/1.2 var(--sans); padding: 0.55rem 0.9rem; min-height: 2.3rem; }
a.button { color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 6px; text-decoration: none; }
a.button:hover { border-color: var(--accent); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600; padding-inline: 1.5rem; }
button.main:hover:not(:disabled) { filter: brightness(1.1); }
button:disabled, input:disabled, select:disabled { opacity: 0.55; cursor: not-allowed; }
button.small { font-size: 0.82rem; padding: 0.35rem 0.6rem; min-height: 1.9rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.controls { display: flex; flex-wrap: wrap; align-items: end; gap: 0.8rem 1rem; margin: 0 0 1.2rem; }
.controls.after { margin-top: 1rem; }
.halves { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.5rem 2.5rem; }
.halves.uneven { grid-template-columns: minmax(0, 19rem) minmax(0, 1fr); }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 8.5rem), 1fr)); gap: 0.9rem 1rem; margin: 0.9rem 0; align-items: start; }
.field { min-width: 0; font: 0.9rem/1.4 var(--sans); }
.field label { display: block; font-weight: 600; margin-bottom: 0.2rem; }
.field.boolean { display: grid; grid-template-columns: auto 1fr; gap: 0 0.5rem; align-items: center; }
.field.boolean label { order: 1; margin: 0; }
.field.boolean .what { order: 2; grid-column: 1 / -1; }
.parts { border: 1px solid var(--rule); border-radius: 6px; margin: 0.9rem 0; padding: 0.5rem 0.8rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: 0.2rem 0.8rem; font: 0.85rem/1.5 var(--sans); }
.field.inline { display: flex; align-items: center; gap: 0.7rem; }
.field.inline label { margin: 0; white-space: nowrap; }
.field.inline select { width: auto; }
.what, .wrong-text, .note, .fine, .facts-line { font: 0.8rem/1.45 var(--sans); margin: 0.25rem 0 0; color: var(--quiet); max-width: 46rem; }
.wrong-text { color: var(--wrong); font-size: 0.88rem; font-weight: 500; }
.field .wrong-text { font-size: 0.8rem; }
.note { background: var(--soft); color: var(--ink); border-radius: 8px; padding: 0.6rem 0.9rem; font-size: 0.9rem; margin: 0 0 1rem; }
.fine { font-size: 0.88rem; }
.problems { font: 0.86rem/1.5 var(--mono); padding-left: 1.2rem; margin: 0.3rem 0; color: var(--wrong); overflow-wrap: anywhere; }
.notice { display: flex; gap: 1rem; justify-content: space-between; align-items: start; border: 1px solid var(--wrong); border-radius: 8px; padding: 0.7rem 1rem; margin-bottom: 1.6rem; white-space: pre-wrap; }
input, select, textarea { font: 0.92rem/1.35 var(--sans); color: var(--ink); background: var(--card); border: 1px solid var(--edge); border-radius: 6px; padding: 0.42rem 0.5rem; max-width: 100%; }
.field input[type=number], .field select { width: 100%; }
.controls .field select { width: auto; max-width: min(100%, 26rem); }
.controls .field input[type=number] { width: 6rem; }
input[type=checkbox] { width: 1.1rem; height: 1.1rem; accent-color: var(--accent); margin: 0; }
[aria-invalid=true] { border-color: var(--wrong); outline: 1px solid var(--wrong); }
textarea { width: 100%; font: 0.84rem/1.5 var(--mono); resize: vertical; tab-size: 2; white-space: pre; overflow-x: auto; }
h3 label { font: inherit; }
.wide { margin: 0.6rem 0 1rem; }
.models { width: 100%; font-size: 0.9rem; }
.models th, .models td { padding: 0.35rem 0.6rem 0.35rem 0; vertical-align: top; }
.models thead th { color: var(--quiet); font-weight: 500; font-size: 0.82rem; }
.models tbody th { padding-top: 0.75rem; overflow-wrap: normal; }
.models input { min-width: 4.2rem; }
iframe { display: block; width: 100%; border: 1px solid var(--rule); border-radius: 10px; background: var(--card); }
iframe.trials { height: 30rem; }
iframe.report { height: min(85vh, 60rem); }
.stale iframe { opacity: 0.45; }
.statistics, .devices { margin: 0.6rem 0; font: 0.88rem/1.5 var(--sans); }
.statistics { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0.5rem 1.5rem; }
.devices div { margin-bottom: 0.6rem; }
.devices dt { color: var(--ink); font-size: 0.9rem; }
.devices dd:not(.wrong-text) { color: var(--quiet); }
.backend { margin-bottom: 1.6rem; padding-bottom: 0.8rem; border-bottom: 1px solid var(--rule); }
.backend > p { font: 0.88rem/1.5 var(--sans); }
.backend .controls { margin-bottom: 0.6rem; }
.empty { border: 1px dashed var(--rule); border-radius: 10px; padding: 1.4rem; max-width: none; font-family: var(--sans); font-size: 0.92rem; }
.waiting { font: 0.9rem/1.5 var(--sans); padding: 3rem 0; text-align: center; }
.facts-line { margin-bottom: 0.8rem; font-size: 0.86rem; max-width: none; }
.figures { grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.figures svg.chart + svg.chart { margin-top: 0.4rem; }
.card .legend { margin-top: 0.3rem; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 0.6rem 1rem 1rem; margin-bottom: 0.9rem; container-type: inline-size; }
.first { stroke: var(--c0); stroke-width: 2; }
.second { stroke: var(--c1); stroke-width: 2; stroke-dasharray: 7 4; }
.thin { stroke-width: 1; opacity: 0.6; }
.line-swatch { width: 28px; height: 10px; vertical-align: middle; }
.overlay { position: relative; touch-action: pan-y; cursor: crosshair; margin-top: 0.6rem; }
.overlay .cursor { position: absolute; width: 0; border-left: 1px solid var(--quiet); pointer-events: none; }
.epoch input { flex: 1; padding: 0; border: 0; background: none; accent-color: var(--accent); }
.epoch output { min-width: 3rem; font-variant-numeric: tabular-nums; font-weight: 600; }
.numbers td { font-variant-numeric: tabular-nums; }
.dragging { outline: 3px dashed var(--accent); outline-offset: -3px; }
:root { --wrong: #a3200d; --edge: #8d8879; }
@media screen and (prefers-color-scheme: dark) { :root { --wrong: #ff9d8a; --edge: #6d737c; } }
@media (max-width: 60rem) { .halves, .halves.uneven { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 46rem) {
  .models thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .models, .models tbody { display: block; }
  .models tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0.3rem 1rem; border-bottom: 1px solid var(--rule); padding: 0.6rem 0; }
  .models th { grid-column: 1 / -1; }
  .models td { padding: 0; }
  .models td[data-label]::before { content: attr(data-label); display: block; color: var(--quiet); font-size: 0.8rem; }
  .models td:last-child { align-self: end; }
  .bar { gap: 0.8rem; font-size: 0.88rem; }
  .controls .field, .controls .field select { width: 100%; max-width: none; }
  .card { padding: 0.5rem 0.6rem 0.8rem; }
}
`;
