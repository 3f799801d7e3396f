// The experiments that come with the package, as text; the build puts them into the page.
import curlField from '../experiments/curl-field.yaml';
import cyclicReach from '../experiments/cyclic-reach.yaml';
import flipflop from '../experiments/flipflop-minibatch.yaml';
import multitask from '../experiments/multitask.yaml';
import notebook from '../experiments/notebook-3bff.yaml';
import pointMass from '../experiments/point-mass.yaml';
import quickstart from '../experiments/quickstart.yaml';
import reach from '../experiments/reach.yaml';
import reachQuick from '../experiments/reach-quick.yaml';

export const bundled: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'quickstart.yaml', text: quickstart },
  { name: 'flipflop-minibatch.yaml', text: flipflop },
  { name: 'multitask.yaml', text: multitask },
  { name: 'notebook-3bff.yaml', text: notebook },
  { name: 'reach-quick.yaml', text: reachQuick },
  { name: 'reach.yaml', text: reach },
  { name: 'point-mass.yaml', text: pointMass },
  { name: 'cyclic-reach.yaml', text: cyclicReach },
  { name: 'curl-field.yaml', text: curlField },
];
