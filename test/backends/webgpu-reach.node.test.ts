// The small experiment reach-small on wasm and webgpu. Node only: it reads the experiment's file. A process of its own: one device.
import { suite } from 'uvu';
import { testSmallExperiment } from '../support/small-experiment.js';

const test = suite('webgpu reach');
await testSmallExperiment(test, 'reach-small');
test.run();
