import type { JSX } from 'react';
import type { PromptPicture, TurnView } from '../../state/rolloutViews';
import { Board } from './Board';
import { Maze } from './Maze';
import { NumberLine } from './NumberLine';
import { Paper } from './Paper';

interface PictureProps {
  readonly prompt: PromptPicture;
  /** Answers so far, to be marked on the picture. */
  readonly turns?: readonly TurnView[];
  readonly size?: 'small' | 'large';
  /** Marks what the model cannot see. */
  readonly showsHidden?: boolean;
}

/** What a picture needs besides its kind of prompt. */
export interface DrawingProps {
  readonly turns: readonly TurnView[];
  readonly size: 'small' | 'large';
  readonly showsHidden: boolean;
}

/** A prompt as its task draws it, with the tries marked on it. */
export function Picture(props: PictureProps): JSX.Element {
  const { prompt, turns = [], size = 'small', showsHidden = false } = props;
  const drawing = { turns, size, showsHidden };
  switch (prompt.kind) {
    case 'text':
      return <span className={`sum sum-${size}`}>{prompt.text}</span>;
    case 'board':
      return <Board prompt={prompt} {...drawing} />;
    case 'paper':
      return <Paper prompt={prompt} {...drawing} />;
    case 'line':
      return <NumberLine prompt={prompt} {...drawing} />;
    case 'maze':
      return <Maze prompt={prompt} {...drawing} />;
    default:
      return prompt satisfies never;
  }
}
