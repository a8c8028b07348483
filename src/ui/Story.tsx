import type { JSX } from 'react';
import { LEAVES, leafValue } from '../config/leaves';
import { useActions, usePlayground } from '../state/hooks';
import { shownLesson } from '../state/watchSlice';
import { optionText, settingText } from './controls/settingText';
import { LessonEditor } from './lesson/LessonEditor';
import { WatchButton } from './panels/WatchButton';

/** Changed settings that are named; their line must not grow while a slider is dragged. */
const SHOWN = 3;

/** What this experiment is about, in a sentence, and where its settings were changed. */
export function Story(): JSX.Element {
  const preset = usePlayground((s) => s.preset);
  const lesson = usePlayground(shownLesson);
  const task = usePlayground((s) => s.config.task);
  return (
    <div className="story">
      {lesson?.title || lesson?.text ? (
        <p className="lesson">
          <b>{lesson.title}</b> <span>{lesson.text}</span>
        </p>
      ) : task === preset.task ? (
        <p>
          <b>{preset.title}.</b> <span>{preset.story}</span>
        </p>
      ) : (
        <p>
          <b>{optionText('task', task)}</b>{' '}
          <span>
            with all other settings of “{preset.title}”, whose story is about{' '}
            {optionText('task', preset.task)}.
          </span>
        </p>
      )}
      <Changes />
    </div>
  );
}

function Changes(): JSX.Element {
  const config = usePlayground((s) => s.config);
  const preset = usePlayground((s) => s.preset);
  const lesson = usePlayground(shownLesson);
  const before = usePlayground((s) => s.before);
  const offersRecording = usePlayground(
    (s) => !s.watching && s.phase.name !== 'running' && s.phase.name !== 'failed',
  );
  const act = useActions();
  const changed = [...LEAVES.values()].filter(
    (leaf) => !lesson && leafValue(config, leaf) !== leafValue(preset.config, leaf),
  );
  return (
    <div className="changes">
      {changed.slice(0, SHOWN).map((leaf) => (
        <button
          key={leaf.name}
          type="button"
          className="tag"
          title={`Back to ${settingText(leaf, leafValue(preset.config, leaf))}`}
          onClick={() => act().resetSetting(leaf.name)}
        >
          {leaf.meta.label} {settingText(leaf, leafValue(config, leaf))}{' '}
          <span aria-hidden="true">×</span>
          <span className="sr-only">, reset</span>
        </button>
      ))}
      {changed.length > SHOWN && <span className="quiet">and {changed.length - SHOWN} more</span>}
      {changed.length > 1 && (
        <button
          type="button"
          className="link-button"
          onClick={() => act().choosePreset(preset.name)}
        >
          reset all
        </button>
      )}
      {offersRecording && <WatchButton className="link-button" />}
      {before && (
        <button type="button" className="link-button" onClick={() => act().undo()}>
          undo
        </button>
      )}
      <LessonEditor />
      {lesson && (
        <button type="button" className="link-button" onClick={() => act().setLesson(undefined)}>
          leave the lesson
        </button>
      )}
    </div>
  );
}
