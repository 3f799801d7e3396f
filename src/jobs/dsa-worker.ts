// A process of dsa-workers.ts: fits operators and compares them.
import { fitDmd } from '../analysis/dsa/dmd.js';
import { compareOperators } from '../analysis/dsa/similarity-transform.js';
import { answerCalls } from '../platform/worker-processes.js';
import { encodeError } from './errors.js';

answerCalls({ fitDmd, compareOperators }, encodeError);
