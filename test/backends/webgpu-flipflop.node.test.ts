// The small experiment flipflop-small on wasm and webgpu. Node only: it reads the experiment's file. A process of its own: one device.
import { suite } from 'uvu';
import { testSmallExperiment } from '../support/small-experiment.js';

const test = suite('webgpu flipflop');
await testSmallExperiment(test, 'flipflop-small');
test.run();
