// Every case of the effector kernels on webgpu. A process of its own: one device each.
import { suite } from 'uvu';
import { testFamily } from '../support/webgpu-cases.js';

const test = suite('webgpu bodies');
await testFamily(test, 'effector');
test.run();
