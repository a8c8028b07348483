import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIRST_VISIT } from '../config/presets';
import { isHidden, plainLesson } from './lesson';
import { decodeLink, encodeLink } from './shareUrl';
import { createPlayground } from './store';
import { createMemoryClient, noRecording } from './testing/memoryClient';

const { config } = FIRST_VISIT;
const opened = (fields: Record<string, string>) =>
  decodeLink(`v=1&${new URLSearchParams(fields).toString()}`);

test('a lesson goes through a link and back, whatever its words (seed 2)', () => {
  const words = fc.string({ unit: 'binary', maxLength: 100 });
  const names = fc.constantFrom('race', 'drift', 'drift.beta', 'seed', 'no such thing');
  const lessons = fc.record({ title: words, text: words, hides: fc.array(names) });
  fc.assert(
    fc.property(lessons, (asked) => {
      const lesson = plainLesson(asked);
      const link = encodeLink(config, FIRST_VISIT, { lesson });
      const { notices, ...rest } = decodeLink(link);
      expect(rest).toEqual({ config, preset: FIRST_VISIT, lesson });
      expect(notices).toEqual([]);
    }),
    { numRuns: 2000, seed: 2 },
  );
});

test('it hides settings by name or section, and parts of the page', () => {
  const { lesson, notices } = opened({ 'lesson.hide': 'race,drift.beta,optimizer' });
  expect(notices).toEqual([]);
  const hidden = ['race', 'drift.beta', 'optimizer.batch', 'optimizer.learningRate'];
  for (const name of hidden) expect(isHidden(lesson, name)).toBe(true);
  for (const name of ['talk', 'drift.gamma', 'seed']) expect(isHidden(lesson, name)).toBe(false);
  expect(isHidden(undefined, 'race')).toBe(false);
});

test('what cannot be shown or hidden is left out, and said', () => {
  const { lesson, notices } = opened({
    'lesson.title': 'a\u202eb\u0000c\ud800',
    'lesson.text': `one\ntwo\u200b${'x'.repeat(3000)}`,
    'lesson.hide': '__proto__,constructor,talk,',
  });
  expect(lesson).toMatchObject({ hides: ['talk'] });
  expect(lesson!.title.startsWith('abc')).toBe(true);
  expect(lesson!.text.startsWith('one\ntwox')).toBe(true);
  expect(lesson!.text).toHaveLength(2000);
  expect(notices).toEqual([
    'The lesson hides something that is not on this page.',
    'The words of the lesson were cut, or held characters that cannot be shown.',
  ]);
  expect(opened({ 'lesson.title': '', 'lesson.hide': 'nothing' }).lesson).toBeUndefined();
});

test('one that no link can carry is refused; another preset ends it, a setting does not', () => {
  const store = createPlayground(createMemoryClient().open, noRecording);
  const now = () => store.getState();
  expect(now().setLesson({ title: 'First', text: 'Drag β.', hides: [] })).toBeUndefined();
  const { lesson } = now();
  expect(now().setLesson({ title: 'First', text: '語'.repeat(1900), hides: [] })).toMatch(
    /too much/,
  );
  expect(now().lesson).toBe(lesson);
  now().setSetting('drift.beta', 0.3);
  now().choosePreset(FIRST_VISIT.name);
  expect(now().lesson).toBe(lesson);
  now().choosePreset('collapse');
  expect(now().lesson).toBeUndefined();
});
