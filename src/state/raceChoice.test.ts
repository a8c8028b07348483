import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withSettings } from '../config/leaves';
import { FIRST_VISIT, PRESETS } from '../config/presets';
import { METHOD_NAMES } from '../method/coefficients/registry';
import { BUDGET_KINDS } from './raceBudget';
import { lineupOn, FIRST_RACE, type RaceChoice } from './raceChoice';
import { entryOf } from './raceEntries';
import { decodeLink, encodeLink } from './shareUrl';

const base = FIRST_VISIT.config;

/** A race on a task, as the page can make it. */
const raceOn = (task: string): fc.Arbitrary<RaceChoice> => {
  const { offered } = lineupOn(FIRST_RACE, task);
  const names = offered.map(({ name }) => name);
  const own = fc.record({
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => `my${text}_`),
    method: fc.constantFrom(...METHOD_NAMES),
    beta: fc.double({ min: 0.01, max: 10, noNaN: true }),
    turns: fc.constantFrom('last', 'all'),
  });
  const rate = fc.double({ min: 1e-5, max: 1e-2, noNaN: true });
  return fc
    .record({
      chosen: fc.subarray(names),
      own: fc.uniqueArray(own, { maxLength: 3, selector: ({ name }) => name }),
      rated: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), rate), {
        maxLength: 3,
        selector: ([name]) => name,
      }),
      seeds: fc.integer({ min: 1, max: 10 }),
      kind: fc.constantFrom(...BUDGET_KINDS),
      amount: fc.integer({ min: 1, max: 1e9 }),
    })
    .filter((race) => race.own.every(({ name }) => !/\p{C}/u.test(name) && name === name.trim()))
    .map(({ chosen, own: mine, rated, seeds, kind, amount }) => ({
      chosen,
      own: {
        [task]: mine.map(({ name, method, beta, turns }) =>
          entryOf(
            withSettings(base, {
              task,
              'method.name': method,
              'drift.beta': beta,
              'method.turns': turns,
            }),
            name,
          ),
        ),
      },
      rates: { [task]: new Map(rated) },
      seeds,
      budget: { kind, amount: kind === 'epochs' ? 0 : amount },
    }));
};

const opened = (text: string) => decodeLink(`v=1&${text}`);

describe('a race in a link', () => {
  it('is opened as it was chosen, among any settings', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...PRESETS)
          .chain((preset) => fc.tuple(fc.constant(preset), raceOn(preset.config.task))),
        ([preset, race]) => {
          const link = encodeLink(preset.config, preset, { race });
          const { notices, race: read = FIRST_RACE } = decodeLink(link);
          expect(notices).toEqual([]);
          const { task } = preset.config;
          const shown = ({ seeds, budget, ...choice }: RaceChoice) => {
            const { own, rates, racing } = lineupOn(choice as RaceChoice, task);
            return { own, rates, racing, seeds, budget };
          };
          expect(shown(read)).toEqual(shown(race));
          expect(encodeLink(preset.config, preset, { race: read })).toBe(link);
        },
      ),
      { numRuns: 500, seed: 3 },
    );
  });

  it('says nothing of the first choice, nor of what another task offers', () => {
    expect(encodeLink(base, FIRST_VISIT, { race: FIRST_RACE })).toBe('v=1&preset=first-visit');
    const chosen = [...FIRST_RACE.chosen, 'DRIFT, all turns, nothing dropped']; // of boxes
    expect(encodeLink(base, FIRST_VISIT, { race: { ...FIRST_RACE, chosen } })).toBe(
      'v=1&preset=first-visit',
    );
    expect(opened('drift.beta=0.2').race).toBeUndefined();
  });

  it('is read by a human', () => {
    const wide = withSettings(base, { 'drift.beta': 0.3 });
    const race: RaceChoice = {
      chosen: ['SFT', 'RFT'],
      own: { facts: [entryOf(wide, 'wide')] },
      rates: { facts: new Map([['SFT', 1e-3]]) },
      seeds: 3,
      budget: { kind: 'steps', amount: 64 },
    };
    expect(decodeURIComponent(encodeLink(base, FIRST_VISIT, { race }))).toBe(
      'v=1&preset=first-visit&race.entries=SFT;RFT&race.seeds=3&race.budget=steps:64' +
        '&race.own.wide=drift.beta:0.3&race.rate.SFT=0.001',
    );
  });

  it.each([
    'race.entries=SFT;PPO',
    'race.entries=SFT;',
    'race.seeds=0',
    'race.seeds=11',
    'race.seeds=2.0',
    'race.budget=steps',
    'race.budget=epochs:3',
    'race.budget=steps:1e3',
    'race.budget=toString:3',
    'race.own.SFT=drift.beta:0.3', // is offered
    'race.own.=drift.beta:0.3',
    'race.own.a%00b=drift.beta:0.3',
    'race.own.mine=drift.beta:-1',
    'race.own.mine=__proto__:1',
    'race.own.mine=method.name:ppo',
    'race.own.mine=model.heads:5', // against a rule across settings
    'race.own.mine=drift.beta',
    'race.own.mine=task:boxes', // all entries share it
    'race.own.mine=online.kl:0.1', // DRIFT does not look at it
    'race.rate.SFT=-1',
    'race.rate.constructor=0.001',
    'race.rate.nobody=0.001',
    'race.__proto__=1',
    'race.=1',
  ])('names %s, and takes the rest', (text) => {
    const [rest, known] = text.startsWith('race.seeds')
      ? ['race.budget=steps:5', { budget: { kind: 'steps', amount: 5 } }]
      : ['race.seeds=3', { seeds: 3 }];
    const { race, config, notices } = opened(`${rest}&${text}`);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/^“race\..*” cannot be used\.$/);
    expect(config).toEqual(base);
    expect(race).toEqual({ ...FIRST_RACE, ...known });
  });
});
