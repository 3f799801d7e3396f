// Every case of the kernels of tensors, losses, random numbers and optimisers on webgpu. A process of its own: one device each.
import { suite } from 'uvu';
import { testFamily } from '../support/webgpu-cases.js';

const test = suite('webgpu kernels');
await testFamily(test, 'tensors');
test.run();
