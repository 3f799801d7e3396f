// A process that leaves a backend with workers undisposed still ends by itself. Node only: it starts processes.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('wasm backend and the end of a process');
const backendUrl = new URL('../../src/backends/wasm/index.ts', import.meta.url).href;
const root = fileURLToPath(new URL('../..', import.meta.url));

for (const ending of ['', 'process.exit(0);', 'await new Promise((resolve) => setTimeout(resolve, 50));']) {
  test(`ends ${ending === '' ? 'when its work is done' : `after ${ending}`}`, async () => {
    const script = `
      const { createWasmBackend } = await import(${JSON.stringify(backendUrl)});
      const backend = await createWasmBackend({ threads: 2 });
      const y = { buffer: backend.allocate(200000, 'f32'), shape: [200000], dtype: 'f32' };
      backend.run('fill', { args: { y }, params: { value: 3 } });
      console.log((await backend.read(y.buffer)).every((value) => value === 3));
      ${ending}`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { cwd: root });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearTimeout(timer);
    assert.is(output, 'true\n');
    assert.is(code, 0);
  });
}

test.run();
