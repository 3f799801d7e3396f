// Every case of the rollout kernels on webgpu. A process of its own: one device each.
import { suite } from 'uvu';
import { testFamily } from '../support/webgpu-cases.js';

const test = suite('webgpu rollouts');
await testFamily(test, 'rollout');
test.run();
