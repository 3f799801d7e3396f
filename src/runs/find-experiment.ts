// What lies in a folder or an archive that somebody names: an experiment's directory, or a single run of one. Both then read alike.
import { type Experiment, parseExperiment } from '../config/experiment.js';
import { RunFormatError } from '../errors.js';
import { listRuns } from './open-run.js';
import { readJson, type Storage } from './storage.js';

export interface FoundExperiment {
  /** Laid out like an experiment's directory, with runs in `MODEL/seed-N`; of a single run, that path leads to the run itself. */
  readonly storage: Storage;
  readonly experiment: Experiment;
  /** Paths of the runs that have begun. */
  readonly runs: readonly string[];
}

/** Opens what `storage` holds. Throws RunFormatError when that is no run and no experiment's directory, ConfigError when its experiment is not valid. */
export async function findExperiment(storage: Storage): Promise<FoundExperiment> {
  if (!(await storage.exists('experiment.json'))) {
    const inner = [];
    for (const name of await storage.list('')) if (name.endsWith('/') && (await storage.exists(`${name}experiment.json`))) inner.push(name.slice(0, -1));
    const advice = inner.length > 0 ? `; name one of the experiments in it: ${inner.slice(0, 6).join(', ')}${inner.length > 6 ? ', …' : ''}` : '';
    throw new RunFormatError(`${storage.location}: expected a run or an experiment's directory, got one without experiment.json${advice}`);
  }
  const experiment = parseExperiment(await readJson(storage, 'experiment.json'), `${storage.location}/experiment.json`);
  if (!(await storage.exists('manifest.json'))) return { storage, experiment, runs: await listRuns(storage) };
  const [model] = experiment.models;
  if (!model || experiment.models.length > 1 || experiment.seeds.length > 1)
    throw new RunFormatError(
      `${storage.location}/experiment.json: expected the experiment of one run, got ${experiment.models.length} models and ${experiment.seeds.length} seeds`,
    );
  const path = `${model.name}/seed-${experiment.seeds[0]}`;
  return { storage: within(storage, path), experiment, runs: [path] };
}

/** A storage whose paths below `folder` are those of `inner`'s root; other paths are `inner`'s as well. */
function within(inner: Storage, folder: string): Storage {
  const at = (path: string): string => (path === folder ? '' : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path);
  return {
    location: inner.location,
    exists: (path) => inner.exists(at(path)),
    read: (path) => inner.read(at(path)),
    write: (path, data) => inner.write(at(path), data),
    append: (path, text) => inner.append(at(path), text),
    list: (path) => inner.list(at(path)),
    remove: (path) => inner.remove(at(path)),
    ...(inner.flush ? { flush: (path: string) => (inner.flush as (path: string) => Promise<void>)(at(path)) } : {}),
    ...(inner.checkWritable ? { checkWritable: () => (inner.checkWritable as () => Promise<void>)() } : {}),
  };
}
