/** What the parts of the benchmark's picture share. */
import type { Row } from './report';

/** Part of a picture, from its own top edge down. */
export interface Drawn {
  readonly marks: readonly string[];
  readonly height: number;
}

export const WIDTH = 760;
export const LEFT = 150; // where bars begin

export const escape = (text: string): string =>
  text.replace(/[<>&"]/g, (c) => `&#${c.codePointAt(0)};`);

export const titleOf = ({ phase, config }: Pick<Row, 'phase' | 'config'>): string =>
  `${phase === 'train' ? 'training' : 'decoding'}, ${config}`;
