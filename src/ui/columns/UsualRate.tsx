import { useRef, type JSX } from 'react';
import { usualRate } from '../../config/methodRates';
import { useActions, usePlayground } from '../../state/hooks';
import { isHidden } from '../../state/lesson';
import { methodView } from '../../state/methodViews';
import { focusControl } from '../controls/focusControl';
import { numberText } from '../controls/numbers';

const RATE = 'optimizer.learningRate';

/** Under the learning rate: whether it is the one that the method usually starts at, and a way to take it. */
export function UsualRate(): JSX.Element | null {
  const { task, method, optimizer } = usePlayground((s) => s.config);
  const isLeftOut = usePlayground((s) => isHidden(s.lesson, RATE));
  const act = useActions();
  const line = useRef<HTMLParagraphElement>(null);
  if (isLeftOut) return null;
  const { rate, source } = usualRate(task, method.name);
  const { title } = methodView(method.name);
  return (
    <p ref={line} className="quiet usual-rate" title={source}>
      {optimizer.learningRate === rate ? (
        `${title} usually starts at this rate.`
      ) : (
        <>
          {title} usually starts at {numberText(rate)}:{' '}
          <button
            type="button"
            className="link-button"
            aria-label={`use it, learning rate ${numberText(rate)}`}
            onClick={() => {
              act().setSetting(RATE, rate);
              // The button itself goes.
              focusControl(line.current!.previousElementSibling!);
            }}
          >
            use it
          </button>
        </>
      )}
    </p>
  );
}
