// The lab: one page on which an experiment is chosen, changed, trained, looked at and compared.
import { Bar } from './panels/bar.js';
import { BenchPanel } from './panels/bench.js';
import { ComparePanel } from './panels/compare.js';
import { ExperimentPanel } from './panels/experiment.js';
import { ReportPanel } from './panels/report.js';
import { TaskPanel } from './panels/task.js';
import { TrainingPanel } from './panels/training.js';
import { notice } from './state.js';

const sections = [
  ['experiment', 'Experiment'],
  ['task', 'Task'],
  ['training', 'Training'],
  ['report', 'Report'],
  ['compare', 'Compare'],
  ['bench', 'Speed'],
] as const;

export function App() {
  return (
    <>
      <header>
        <p class="eyebrow">motorloop lab</p>
        <h1>Train a network, watch it learn, see how it computes</h1>
        <p class="lead">
          Everything happens in this page, on this computer: nothing is sent anywhere, and nothing is kept when the page is closed. Download a run to keep it;
          the command line reads it.
        </p>
      </header>
      <Bar />
      <main>
        <nav aria-label="Sections">
          <ul>
            {sections.map(([id, name]) => (
              <li key={id}>
                <a href={`#${id}`}>{name}</a>
              </li>
            ))}
          </ul>
        </nav>
        {notice.value === null ? null : (
          <div class="notice" role="alert">
            <p class="wrong-text">{notice.value}</p>
            <button type="button" class="small" onClick={() => (notice.value = null)}>
              Close
            </button>
          </div>
        )}
        <ExperimentPanel />
        <TaskPanel />
        <TrainingPanel />
        <ReportPanel />
        <ComparePanel />
        <BenchPanel />
      </main>
      <footer>
        <p>Experiments (.yaml, .json), runs (.zip, folders) and results of the benchmark (.json) can also be dropped anywhere on this page.</p>
      </footer>
    </>
  );
}
