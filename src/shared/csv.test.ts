import { expect, it } from 'vitest';
import { csvOf } from './csv';

it('quotes where it must, leaves what is no number empty, and writes no formulas', () => {
  const columns = ['step', 'loss, "nats"', '=cmd()'];
  const rows = [
    [1, 0.1, 'a\nb'],
    [-2, NaN, '@x'],
    [1e-9, Infinity, 'a\rb'],
  ];
  expect(csvOf(columns, rows)).toBe(
    'step,"loss, ""nats""",\'=cmd()\r\n1,0.1,"a\nb"\r\n-2,,\'@x\r\n1e-9,,"a\rb"\r\n',
  );
});
