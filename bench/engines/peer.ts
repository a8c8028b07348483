/** What every peer needs of a workload, whatever its arrays are called. */
import type { ParamBlock } from '../../src/model/params';
import type { BenchConfig, Workload } from '../workload';

/** The flat parameters as arrays of their own, each made by `create` from its numbers and shape. */
export function createParams<T>(
  { layout, params }: Workload,
  create: (numbers: Float32Array<ArrayBuffer>, shape: number[]) => T,
) {
  const array = ({ shape, offset }: ParamBlock): T => {
    const count = shape.reduce((n, d) => n * d, 1);
    return create(params.slice(offset, offset + count), [...shape]);
  };
  return {
    embed: array(layout.embed),
    norm: array(layout.norm),
    layers: layout.layers.map(({ qkv, o, gu, down, norm1, norm2 }) => ({
      ...{ qkv: array(qkv), o: array(o), gu: array(gu), down: array(down) },
      ...{ norm1: array(norm1), norm2: array(norm2) },
    })),
  };
}

/** Cosines and sines [T,D/2] of every position's angles, each made by `create`. */
export function ropeTables<T>(
  { model }: BenchConfig,
  T: number,
  create: (numbers: Float32Array<ArrayBuffer>, shape: [number, number]) => T,
): { readonly cos: T; readonly sin: T } {
  const half = model.channels / model.heads / 2;
  const angle = (i: number): number =>
    Math.floor(i / half) * Math.pow(model.ropeBase, -(i % half) / half);
  const table = (f: (x: number) => number): T =>
    create(
      Float32Array.from({ length: T * half }, (_, i) => f(angle(i))),
      [T, half],
    );
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** The losses of that many steps, each awaited one step late, as a training loop would. */
export async function lossesOf(
  times: number,
  step: () => Promise<ArrayLike<number>>,
): Promise<number[]> {
  const losses: number[] = [];
  let before: Promise<ArrayLike<number>> | undefined;
  for (let i = 0; i < times; i++) {
    const loss = step();
    if (before) losses.push((await before)[0]!);
    before = loss;
  }
  if (before) losses.push((await before)[0]!);
  return losses;
}
