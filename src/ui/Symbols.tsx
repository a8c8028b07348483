import { Fragment, type JSX } from 'react';

const SUBSCRIPT = /(\p{L})_(\p{L}+)/u;

/** Text in which `x_y` stands for an x with y below it. */
export function Symbols({ text }: { readonly text: string }): JSX.Element {
  const [before = '', symbol, below, ...rest] = text.split(SUBSCRIPT);
  if (symbol === undefined) return <>{before}</>;
  return (
    <Fragment>
      {before}
      {symbol}
      <sub>{below}</sub>
      <Symbols text={rest.join('')} />
    </Fragment>
  );
}
