// Where a command writes when it is not told: a directory that is new each time.
import { nodeStorage } from '../platform/node.js';

/** `runs/YYYYMMDD-HHMMSS_NAME` by local time; a number behind it when that is taken. */
export async function freshDirectory(name: string): Promise<string> {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const stem = `runs/${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}_${name}`;
  for (let copy = 1; ; copy++) {
    const directory = copy === 1 ? stem : `${stem}-${copy}`;
    if ((await nodeStorage(directory).list('')).length === 0) return directory;
  }
}
