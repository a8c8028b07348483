import { tileWorkgroups, type KernelSpec } from '../../gpu/compose';
import { computed, type Call, type Plan } from '../../gpu/plan';
import { quadsOf, sizeOf, type Dim, type GradSlices } from '../../gpu/tensor';

/**
 * Parameters, grid and work of a kernel made with lib/linear_backward: N = rows, K = inputs,
 * M = outputs of the layer.
 */
export function linearBackwardCall(
  plan: Plan,
  spec: KernelSpec,
  N: Dim,
  K: Dim,
  M: Dim,
  slices: GradSlices,
): Omit<Call, 'bind'> {
  const inputs = 4 * quadsOf(`${spec.label}: inputs`, K);
  const outputs = 4 * quadsOf(`${spec.label}: outputs`, M);
  const { variants } = plan;
  const inputGroups = (): number => tileWorkgroups(spec, variants, sizeOf(N), inputs);
  const weightGroups = tileWorkgroups(spec, variants, outputs, inputs, slices.count);
  return {
    params: {
      ...{ N, K, M, S: slices.count, slice_stride: slices.stride },
      input_groups: computed(inputGroups),
    },
    grid: { groups: () => inputGroups() + weightGroups },
    flops: () => 4 * sizeOf(N) * inputs * outputs,
  };
}
