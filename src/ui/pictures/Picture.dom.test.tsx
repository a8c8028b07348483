/** What is drawn of prompts that have no stain, and of those that have no picture. */
import { createRoot, type Root } from 'react-dom/client';
import { flushSync } from 'react-dom';
import { afterEach, expect, it } from 'vitest';
import { TASKS } from '../../data/tasks/registry';
import type { PromptPicture, TurnView } from '../../state/rolloutViews';
import { Picture } from './Picture';

let root: Root | undefined;
afterEach(() => root?.unmount());

function draw(prompt: PromptPicture, turns: readonly TurnView[] = []): Element {
  const place = document.createElement('div');
  root = createRoot(place);
  flushSync(() => root!.render(<Picture prompt={prompt} turns={turns} showsHidden />));
  return place.firstElementChild!;
}
const views = (task: string): PromptPicture[] => {
  const { prompts, viewPrompt } = TASKS.get(task)!;
  return prompts('test', 40, 1).map(viewPrompt);
};
const textsOf = (picture: Element): string =>
  Array.from(picture.querySelectorAll('text'), (text) => text.textContent).join('');

it('draws a stained sum with its blot, and one without on the same paper', () => {
  const [stained, plain] = [true, false].map((has) =>
    views('stain').find((view) => view.kind === 'paper' && (view.stain !== undefined) === has),
  );
  expect(draw(stained!).querySelectorAll('.paper-sheet, .paper-ink, .paper-range')).toHaveLength(4);
  const picture = draw(plain!);
  expect(picture.querySelectorAll('.paper-sheet')).toHaveLength(1);
  expect(picture.querySelectorAll('.paper-ink, .paper-range')).toHaveLength(0);
  expect(textsOf(picture)).toMatch(/^\d\d\+\d\d$/);
});

it('draws plain sums one below the other, with the last answer that can be read', () => {
  const prompt: PromptPicture = { kind: 'paper', text: '7 + 95', glyphs: '07+95', isColumn: true };
  const turn = (text: string, isReadable: boolean, isCorrect: boolean): TurnView => ({
    ...{ answer: { text, isReadable }, isCorrect, isRepeat: false, feedback: '' },
  });
  const wrong = draw(prompt, [turn('92', true, false), turn('2 + 0', false, false)]);
  expect(textsOf(wrong)).toBe('07+9592');
  expect(wrong.getAttribute('aria-label')).toBe('7 + 95');
  expect(wrong.querySelectorAll('.paper-rule')).toHaveLength(1);
  expect(wrong.querySelectorAll('.paper-tried')).toHaveLength(2);
  const right = draw(prompt, [turn('92', true, false), turn('102', true, true)]);
  expect(Array.from(right.querySelectorAll('.paper-found'), (x) => x.getAttribute('x'))).toEqual([
    ...['22', '30', '38'], // ones below ones
  ]);
  expect(views('sums').every((view) => view.kind === 'paper' && view.isColumn)).toBe(true);
});

it('frames what has only words', () => {
  const words = draw({ kind: 'text', text: 'south africa' });
  expect([words.className, words.textContent]).toEqual(['sum sum-small', 'south africa']);
});
