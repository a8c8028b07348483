import { Fragment, type JSX } from 'react';

const SUBSCRIPT = /(\p{L}_\p{L}+)/u;

/** Text in which `x_y` stands for an x with y below it. */
export const Symbols = ({ text }: { readonly text: string }): JSX.Element => (
  <>
    {text.split(SUBSCRIPT).map((part, i) => {
      if (i % 2 === 0) return part;
      const [symbol, below] = part.split('_');
      return (
        <Fragment key={i}>
          {symbol}
          <sub>{below}</sub>
        </Fragment>
      );
    })}
  </>
);
