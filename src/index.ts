// The public names of motorloop in Node: those of index.browser.ts, which lists them, and the ones that need Node or stay out of the browser core.
export { applyOverrides, parseExperimentText, parseExperimentsText, parseYaml } from './config/yaml.js';
export * from './index.browser.js';
export { type DsaWorkers, openDsaWorkers } from './jobs/dsa-workers.js';
export { enableWideVectors } from './platform/host.js';
export { hostFacts, nodeStorage } from './platform/node.js';
export { openPng, type RenderPng } from './platform/png.js';
