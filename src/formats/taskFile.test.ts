import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaygroundError } from '../shared/errors';
import { parseTaskFile } from './taskFile';

const CAPITALS = readFileSync('public/tasks/capitals.json', 'utf8');

const PROMPTS = Array.from({ length: 20 }, (_, i) => ({
  ask: `${i + 10}`,
  accept: [`${i}`],
  wrong: ['77'],
}));
const GOOD = { drift_task: 1, title: 'Less ten', alphabet: '0123456789', prompts: PROMPTS };
const dialogues = (...list: { ask: string; answers: string[] }[]): object => ({
  demonstrations: { dialogues: list },
});
const withPrompt = (at: number, change: object): object => ({
  prompts: PROMPTS.map((p, i) => (i === at ? { ...p, ...change } : p)),
});
const read = (content: object): Promise<unknown> =>
  parseTaskFile(JSON.stringify(content, null, 1), 'my.json');

describe('parseTaskFile', () => {
  it('reads the example that comes with the page', async () => {
    const spec = await parseTaskFile(CAPITALS, 'capitals.json');
    expect(spec.title).toBe('Capitals');
    expect(spec.name).toMatch(/^file-[0-9a-f]{16}$/);
    expect(spec.alphabet).toHaveLength(27);
    expect(spec.prompts).toHaveLength(42);
    expect(spec.turns).toBe(4);
  });

  it('fills in what may be left out', async () => {
    const { wrong: _, ...plain } = PROMPTS[0]!;
    const spec = await read({ ...GOOD, prompts: [plain, ...PROMPTS.slice(1)] });
    expect(spec).toMatchObject({
      isSpelled: true,
      turns: 5,
      feedback: 'no, try again',
      demonstrations: { recipe: { knows: 0.4, repeats: 0.95 } },
    });
    expect((spec as { prompts: unknown[] }).prompts[0]).toEqual({
      ask: '10',
      accept: ['0'],
      wrong: ['1', '2', '3'], // the right answers of the next prompts
      feedback: {},
    });
  });

  it('names the task by its bytes', async () => {
    const name = async (content: string): Promise<string> =>
      (await parseTaskFile(content, 'a.json')).name;
    expect(await name(CAPITALS)).toBe(await name(CAPITALS));
    expect(await name(`${CAPITALS} `)).not.toBe(await name(CAPITALS));
  });

  it('knows words with blanks between them', async () => {
    const prompts = PROMPTS.map((p) => ({ ...p, accept: ['north west'], wrong: ['east'] }));
    const alphabet = ['north', 'west', 'east', ...PROMPTS.map((p) => p.ask)];
    expect(await read({ ...GOOD, alphabet, prompts })).toMatchObject({
      isSpelled: false,
      alphabet,
    });
  });

  it.each<[string, object, RegExp]>([
    ['no version', { drift_task: undefined }, /:1: field drift_task: must be 1/],
    ['a later version', { drift_task: 2 }, /:2: field drift_task: must be 1/],
    ['an unknown field', { extra: 1 }, /field extra: is not known here/],
    ['no title', { title: '' }, /:3: field title: must not be empty/],
    ['a title of two lines', { title: 'a\nb' }, /field title: must be plain text on one line/],
    ['a title that turns text round', { title: 'a\u202eb' }, /field title: must be plain text/],
    ['a letter twice', { alphabet: '01234567899' }, /field alphabet: has “9” twice/],
    ['an end', { alphabet: '0123456789∎' }, /field alphabet: cannot have “∎”/],
    ['PAD', { alphabet: ['PAD', 'x'] }, /field alphabet: cannot have “PAD”/],
    ['a word with a blank', { alphabet: ['a b', 'x'] }, /field alphabet: cannot have “a b”/],
    ['few prompts', { prompts: PROMPTS.slice(1) }, /field prompts: must hold at least 20 prompts/],
    ['turns past the limit', { turns: 9 }, /field turns: /],
    [
      'a foreign letter',
      withPrompt(3, { ask: '1x' }),
      /:\d+: field prompts\.3\.ask: has “x”, which/,
    ],
    ['no accepted answer', withPrompt(0, { accept: [] }), /prompts\.0\.accept: must name at least/],
    [
      'an empty answer',
      withPrompt(0, { accept: [''] }),
      /prompts\.0\.accept\.0: must not be empty/,
    ],
    ['a long answer', withPrompt(0, { accept: ['1'.repeat(25)] }), /has 25 tokens, at most 24/],
    ['a long prompt', withPrompt(0, { ask: '1'.repeat(65) }), /has 65 tokens, at most 64/],
    ['a prompt twice', withPrompt(4, { ask: '10' }), /prompts\.4\.ask: “10” is asked twice/],
    ['an answer twice', withPrompt(1, { accept: ['1', '1'] }), /accept\.1: “1” is accepted twice/],
    ['a wrong answer that is right', withPrompt(1, { wrong: ['1'] }), /wrong\.0: “1” is accepted/],
    [
      'feedback on a foreign answer',
      withPrompt(2, { feedback: { z: 'no' } }),
      /feedback\.z: has “z”/,
    ],
    [
      'feedbacks that would be one token',
      withPrompt(2, { feedback: { 7: 'go on', 8: 'go\u00a0on' } }),
      /differ in their blanks only/,
    ],
    ['neither recipe nor dialogues', { demonstrations: {} }, /demonstrations: must be/],
    ['a share past 1', { demonstrations: { recipe: { knows: 2 } } }, /demonstrations/],
    ['a dialogue on no prompt', dialogues({ ask: '99', answers: ['1'] }), /“99” is not one of/],
    ['a dialogue that goes on', dialogues({ ask: '11', answers: ['1', '2'] }), /0: is right, but/],
    [
      'a dialogue too long',
      dialogues({ ask: '11', answers: Array(6).fill('2') }),
      /more than 5 turns/,
    ],
    [
      'a dialogue off the alphabet',
      dialogues({ ask: '11', answers: ['x'] }),
      /answers\.0: has “x”/,
    ],
  ])('refuses %s, naming line and field', async (_, change, message) => {
    const refused = await read({ ...GOOD, ...change }).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(PlaygroundError);
    expect((refused as PlaygroundError).code).toBe('file-invalid');
    expect((refused as PlaygroundError).message).toMatch(/^my\.json:\d+: /);
    expect((refused as PlaygroundError).message).toMatch(message);
  });

  it('refuses more than 1 MiB, and 41 different feedbacks', async () => {
    const long = `{"drift_task": 1, "title": "${'a'.repeat(2 ** 20)}"}`;
    await expect(parseTaskFile(long, 'long.json')).rejects.toThrow(
      /long\.json has 1,[\d,]+ bytes; .* at most 1,048,576 \(1 MiB\)/,
    );
    const feedback = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}`, `n${i}`]));
    await expect(read({ ...GOOD, ...withPrompt(0, { feedback }) })).rejects.toThrow(/41 different/);
  });

  it('refuses every damaged file in a sentence, and never fails otherwise (300 cuts and flips)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(CAPITALS.length - 1),
        fc.nat(127),
        fc.boolean(),
        async (at, code, isCut) => {
          const damaged = isCut
            ? CAPITALS.slice(0, at)
            : CAPITALS.slice(0, at) + String.fromCharCode(code) + CAPITALS.slice(at + 1);
          const outcome = await parseTaskFile(damaged, 'bad.json').catch(
            (thrown: unknown) => thrown,
          );
          if (outcome instanceof Error)
            expect((outcome as PlaygroundError).code).toBe('file-invalid');
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });
});
