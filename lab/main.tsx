// Starts the lab.
import { render } from 'preact';
import { App } from './app.js';
import { progress } from './bench.js';
import { droppedFiles } from './open-run.js';
import { findDevices, open, running } from './state.js';

render(<App />, document.getElementById('lab') as HTMLElement);
void findDevices();

// a run in a page lives as long as the page
addEventListener('beforeunload', (event) => {
  if (running.value || progress.value) event.preventDefault();
});

// dropping files anywhere is a second way to do what the buttons do
const mark = (dragging: boolean) => document.body.classList.toggle('dragging', dragging);
addEventListener('dragover', (event) => {
  event.preventDefault();
  mark(true);
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) mark(false);
});
addEventListener('drop', (event) => {
  event.preventDefault();
  mark(false);
  if (event.dataTransfer) void open(droppedFiles(event.dataTransfer));
});
