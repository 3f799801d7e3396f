// The pool's worker: instantiates the binary over the shared memory, then waits for launches until it is stopped. Bundled into worker.gen.ts.
import { parentPort } from '../../platform/host.js';
import { type KernelExport, type WorkerStart, controlViews, takePart, waitForChange, word } from './protocol.js';

const port = parentPort();

function serve({ control: buffer, thread, threads }: WorkerStart, kernels: readonly KernelExport[]): void {
  const control = controlViews(buffer);
  const { words } = control;
  for (let seen = 0; ; ) {
    waitForChange(words, word.generation, seen, word.parked, true);
    seen = Atomics.load(words, word.generation);
    if (words[word.stop] === 1) return;
    const args = Array.from(control.args.subarray(0, words[word.arguments]));
    takePart(control, kernels, args, thread, threads, true);
  }
}

port.receive(async (message) => {
  const start = message as WorkerStart;
  try {
    const instance = await WebAssembly.instantiate(start.module, { env: { memory: start.memory, wide: start.wide } });
    const kernels = start.exports.map((name) => instance.exports[name] as KernelExport);
    port.post('ready');
    serve(start, kernels);
  } catch (error) {
    port.post(`failed: ${error instanceof Error ? error.message : String(error)}`);
  }
});
