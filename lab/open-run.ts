// Files that a person hands to the page: an experiment's text, or a run made elsewhere, as a zip or a folder. They may come from anyone.
import type { Files } from '../src/browser/client.js';
import { RunFormatError } from '../src/errors.js';
import { pathNames } from '../src/platform/paths.js';
import { findExperiment } from '../src/runs/find-experiment.js';
import { memoryStorage } from '../src/runs/memory-storage.js';
import { openRun } from '../src/runs/open-run.js';
import { unpackZip, zipLimits } from '../src/runs/zip.js';
import { type RunRecord, type RunStatus, waitingNetworks } from './run-record.js';

export type Opened =
  | { readonly kind: 'experiment'; readonly name: string; readonly text: string }
  | { readonly kind: 'run'; readonly run: Omit<RunRecord, 'id'> };

/** What the files are. Throws RunFormatError or ConfigError, saying what was expected. */
export async function openFiles(files: readonly File[]): Promise<Opened> {
  const [file] = files;
  if (!file) throw new RunFormatError('lab: expected a file, got none; choose an experiment (YAML, JSON), a zip of a run, or the folder of a run');
  if (files.length === 1 && pathOf(file) === file.name) {
    if (/\.(ya?ml|json)$/i.test(file.name)) return { kind: 'experiment', name: file.name, text: await file.text() };
    if (/\.zip$/i.test(file.name)) return { kind: 'run', run: await readRun(unpackZip(new Uint8Array(await file.arrayBuffer()), file.name), file.name) };
    throw new RunFormatError(`${file.name}: expected an experiment (.yaml, .json) or a run as a zip, got neither; a run can be opened as a folder, too`);
  }
  const folder = (pathOf(file).split('/')[0] as string) || 'folder';
  return { kind: 'run', run: await readRun(await readFolder(files, folder), folder) };
}

/** Path below what was chosen or dropped, the chosen folder first. */
function pathOf(file: File): string {
  return droppedPaths.get(file) ?? (file.webkitRelativePath || file.name);
}

const droppedPaths = new WeakMap<File, string>();

/** All files of a drop, those in folders included, which a browser hands over one by one. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.every(({ isFile }) => isFile)) return [...transfer.files];
  const files: File[] = [];
  const visit = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      droppedPaths.set(file, entry.fullPath.replace(/^\//, ''));
      files.push(file);
      if (files.length > zipLimits.files) throw new RunFormatError(`${entry.name}: expected at most ${zipLimits.files} files, got more; is this a run?`);
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const inner of some) await visit(inner);
    }
  };
  for (const entry of entries) await visit(entry);
  return files;
}

async function readFolder(files: readonly File[], folder: string): Promise<Map<string, Uint8Array>> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > zipLimits.files || total > zipLimits.bytes)
    throw new RunFormatError(
      `${folder}: expected a run of at most ${zipLimits.files} files and ${zipLimits.bytes} bytes, got ${files.length} files, ${total} bytes`,
    );
  const content = new Map<string, Uint8Array>();
  for (const file of files) {
    const names = pathOf(file).split('/').slice(1);
    if (names.some((name) => name.startsWith('.'))) continue; // what the system keeps beside the files
    pathNames(names.join('/'));
    content.set(names.join('/'), new Uint8Array(await file.arrayBuffer()));
  }
  return content;
}

const statuses: Readonly<Record<string, RunStatus>> = { complete: 'complete', failed: 'failed', aborted: 'stopped', running: 'stopped' };

/** The run that files hold, laid out like an experiment's directory so that it can go on here. */
async function readRun(files: Map<string, Uint8Array>, name: string): Promise<Omit<RunRecord, 'id'>> {
  const { storage, experiment, runs } = await findExperiment(memoryStorage(files, name));
  const networks = waitingNetworks(experiment);
  const warnings: string[] = [];
  let error: string | null = null;
  let backend: RunRecord['backend'] = null;
  let status: RunStatus = 'complete';
  for (const [at, network] of networks.entries()) {
    if (!runs.includes(network.identity.path)) {
      status = 'stopped';
      continue;
    }
    const { manifest, metrics } = await openRun(storage, network.identity.path);
    const { epochs, parameterCount } = manifest;
    networks[at] = { ...network, epochs, parameterCount, rows: [...metrics], state: manifest.status === 'complete' ? 'ended' : 'waiting' };
    backend = manifest.backend;
    error ??= manifest.error;
    if (manifest.status !== 'complete') status = statuses[manifest.status] as RunStatus;
    warnings.push(...manifest.warnings.map((warning) => `${network.identity.model}, seed ${network.identity.seed}: ${String(warning)}`));
  }
  const laidOut = files.has('manifest.json') ? asExperiment(files, (networks[0] as (typeof networks)[number]).identity.path) : Object.fromEntries(files);
  return { label: `${experiment.name}, from ${name}`, opened: true, experiment, networks, status, backend, analysed: 1, warnings, error, files: laidOut };
}

/** A single run's files moved to where an experiment's directory has them; what is made of all runs stays at the root. */
function asExperiment(files: ReadonlyMap<string, Uint8Array>, run: string): Files {
  const moved = [...files].map(([path, data]) => [/^(analysis\.json|report\.html|[^/]+\.gif)$/.test(path) ? path : `${run}/${path}`, data] as const);
  return Object.fromEntries([...moved, ['experiment.json', files.get('experiment.json') as Uint8Array]]);
}
