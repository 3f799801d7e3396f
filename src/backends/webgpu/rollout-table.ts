// Rows of the rollout kernels for kernel-table.ts.
import type { ResolvedCall } from '../catalogue.js';
import type { GpuLimits, GpuRow, HostArgument } from './kernel-row.js';
import { cacheFloats, type NetworkUse, planNetwork, scratchFloats } from './rollout-network.js';

function useOf(direction: NetworkUse['direction']): (call: ResolvedCall, host: HostArgument, limits: GpuLimits) => NetworkUse {
  return (call, host, limits) => ({
    call,
    host,
    limits,
    direction,
    inputs: call.dims['I'] as number,
    outputs: call.dims['O'] as number,
    inputGradients: call.args[call.spec.args.findIndex(({ name }) => name === 'd_inputs')] != null,
  });
}

function row(direction: NetworkUse['direction']): GpuRow {
  const use = useOf(direction);
  return {
    plan(call, host, limits) {
      const { parts, constants, unused, numbers, table, workspace, phases } = planNetwork(use(call, host, limits));
      return { parts, constants, unused: [...unused, 'd_inputs'], numbers, table, workspace, phases: phases(call.spec.name) };
    },
    scratch: {
      cache: (call, host, limits) => cacheFloats(use(call, host, limits)),
      scratch: (call, host, limits) => scratchFloats(use(call, host, limits)),
    },
  };
}

export const rolloutTable: Readonly<Record<string, GpuRow>> = {
  rollout_forward: row('forward'),
  rollout_backward: row('backward'),
};
