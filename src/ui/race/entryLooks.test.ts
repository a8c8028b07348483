import { expect, it } from 'vitest';
import { variantsOf } from '../../config/variants';
import { entryLooks } from './entryLooks';

const own = Array.from({ length: 5 }, (_, i) => ({
  name: `mine ${i}`,
  set: { 'method.name': i === 0 ? 'best-of-k' : 'drift' },
}));

it.each(['facts', 'boxes'])('no two entries on %s look alike, in color or without', (task) => {
  const looks = [...entryLooks(task, own).values()];
  expect(looks).toHaveLength(variantsOf(task).length + own.length);
  const withoutColor = looks.map(({ dash, marker }) => `${marker} ${dash.join()}`);
  expect(new Set(withoutColor).size).toBe(looks.length);
});

it('ready-made entries of one color have markers of their own', () => {
  const looks = [...entryLooks('facts', []).values()];
  const points = looks.map(({ color, marker }) => `${color} ${marker}`);
  expect(new Set(points).size).toBe(looks.length);
});

it('an entry looks the same whoever else races', () => {
  const [first, ...others] = own;
  const name = 'DRIFT, all turns';
  expect(entryLooks('facts', others).get(name)).toEqual(entryLooks('facts', own).get(name));
  expect(entryLooks('facts', [first!]).get(first!.name)!.color).toBe('--ink');
});
