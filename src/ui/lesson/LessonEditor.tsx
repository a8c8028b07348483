import { Popover } from '@base-ui/react/popover';
import { useId, useState, type JSX } from 'react';
import { useActions, usePlayground } from '../../state/hooks';
import type { Lesson } from '../../state/lesson';
import { Problem } from '../controls/Problem';

/** What a teacher may leave out, and the names that hide it. */
const HIDEABLE: readonly (readonly [string, readonly string[]])[] = [
  ['Preset', ['preset']],
  ['Task, tries, turns, temperature', ['task', 'rollout']],
  ['Files', ['files']],
  ['Tilt β', ['drift.beta']],
  ['Discount γ', ['drift.gamma']],
  ['Penalties λ, format', ['drift.lambda', 'drift.formatPenalty']],
  ['Method and its settings', ['method', 'online', 'preference']],
  ['Learning rate, epochs, batch', ['optimizer']],
  ['More settings', ['more']],
  ['Race', ['race']],
  ['Theory', ['theory']],
  ['Talk to it', ['talk']],
];
const EMPTY: Lesson = { title: '', text: '', hides: [] };

/** Lets a teacher write a few words about the experiment and hide controls; the page shows it at once. */
export function LessonEditor(): JSX.Element {
  const lesson = usePlayground((s) => s.lesson);
  return (
    <Popover.Root>
      <Popover.Trigger className="link-button">
        {lesson ? 'edit the lesson' : 'make a lesson'}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" sideOffset={6} collisionPadding={8} align="end">
          <Popover.Popup className="popup popup-details popup-lesson">
            <Popover.Title className="popup-title">A lesson</Popover.Title>
            <LessonForm lesson={lesson ?? EMPTY} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function LessonForm({ lesson }: { readonly lesson: Lesson }): JSX.Element {
  const act = useActions();
  const id = useId();
  const [problem, setProblem] = useState<string>();
  const change = (part: Partial<Lesson>): void =>
    setProblem(act().setLesson({ ...lesson, ...part }));
  const toggle = (names: readonly string[], isShown: boolean): void => {
    const others = lesson.hides.filter((name) => !names.includes(name));
    change({ hides: isShown ? others : [...others, ...names] });
  };
  return (
    <div className="lesson-form">
      <label htmlFor={`${id}-title`}>Title</label>
      <input
        id={`${id}-title`}
        className="entry"
        value={lesson.title}
        onChange={(event) => change({ title: event.target.value })}
      />
      <label htmlFor={`${id}-text`}>What to do and what to look at</label>
      <textarea
        id={`${id}-text`}
        className="entry"
        rows={5}
        value={lesson.text}
        onChange={(event) => change({ text: event.target.value })}
      />
      <Problem text={problem} />
      <fieldset className="lesson-shows">
        <legend>Shown</legend>
        {HIDEABLE.map(([label, names]) => (
          <label key={label} className="check">
            <input
              type="checkbox"
              checked={!names.some((name) => lesson.hides.includes(name))}
              onChange={(event) => toggle(names, event.target.checked)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <p className="quiet">
        The page shows it at once, and Share copies a link that opens just this. Whoever opens it
        can leave the lesson and see everything.
      </p>
    </div>
  );
}
