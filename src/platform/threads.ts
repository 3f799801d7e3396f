// Threads of a Node process that run a module: for work that is many independent pieces. They end with the process, however it ends.
import { parentPort, Worker } from 'node:worker_threads';
import { MotorloopError } from '../errors.js';

/** A thread that runs a module. */
export interface Thread {
  post(message: unknown): void;
  terminate(): Promise<void>;
}

/** Starts the module at `url` in a thread. `onEnd` hears when the thread ends before it is told to, with the reason. */
export function startThread(url: URL, onMessage: (message: unknown) => void, onEnd: (error: Error) => void): Thread {
  const worker = url.pathname.endsWith('.ts') ? new Worker(fromSource(url), { eval: true }) : new Worker(url);
  let told = false;
  const end = (error: Error) => {
    if (!told) onEnd(error);
    told = true;
  };
  worker.on('message', onMessage);
  worker.on('error', end);
  worker.on('exit', (code) =>
    end(new MotorloopError(`thread: expected it to last until it is stopped, got an end with code ${code}; was there too little memory?`)),
  );
  return {
    post: (message) => worker.postMessage(message),
    async terminate() {
      told = true;
      await worker.terminate();
    },
  };
}

/** Threads do not take over what lets their process run TypeScript: where the program runs from source, they are told again. */
function fromSource(url: URL): string {
  return `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); })`;
}

/** Inside a thread: hears every message from whoever started it, and answers. */
export function serveStarter<T>(receive: (message: T) => void): (answer: unknown) => void {
  if (!parentPort) throw new MotorloopError('thread: expected to be started as a thread, got the main one');
  const port = parentPort;
  port.on('message', receive);
  return (answer) => port.postMessage(answer);
}
