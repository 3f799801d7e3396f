// Every case of the closed loop kernels on webgpu. A process of its own: one device each.
import { suite } from 'uvu';
import { testFamily } from '../support/webgpu-cases.js';

const test = suite('webgpu loops');
await testFamily(test, 'closed_loop');
test.run();
