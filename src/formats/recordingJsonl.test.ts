import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN } from '../config/runConfig';
import { rng } from '../shared/rng';
import {
  encodeRecording,
  parseRecording,
  type RecordedEnd,
  type RecordedEvent,
  type RecordingHeader,
} from './recordingJsonl';

const HASH = '0123456789abcdef'.repeat(4);
const COSTS = {
  sampledTokens: 40,
  trainedTokens: 0,
  sequentialPasses: 3,
  roundTrips: 0,
  overlapSeconds: 0,
  evaluationOverlapSeconds: 0,
  seconds: { pretrain: 0, rollout: 0.5, train: 0, evaluate: 0 },
};
const HEADER: RecordingHeader = {
  preset: 'first-visit',
  config: { ...DEFAULT_RUN, rollout: { ...DEFAULT_RUN.rollout, prompts: 2, turns: 2 } },
  referenceHash: HASH,
  adapter: { name: 'Some GPU', isSoftware: false, features: ['subgroups'] },
  memory: {
    parts: [{ label: 'weights', bytes: 8 }],
    totalBytes: 8,
    largestBufferBytes: 8,
    parameters: 2,
  },
  totalSteps: 2,
};
const SCORES = { success: [0.25, 0.5], correctionRate: [0.25, NaN], uniqueAnswerRatio: 1 };
const report = (step: number) => ({
  ...{ step, loss: -0.125, nll: 0.5, gradNorm: 1, learningRate: 3e-4 },
  ...{ tokens: 7, flops: 2e6, seconds: 0.25 },
});
const EVENTS: RecordedEvent[] = [
  {
    ...{ at: 0, kind: 'trajectories', costs: COSTS },
    tokens: [
      [1, 2],
      [3, 4],
    ],
    logp: [
      [-0.5, 0],
      [-1.25, -30],
    ],
  },
  { at: 0, kind: 'progress', stage: 'rollout', done: 1, total: 2, secondsLeft: 1.5 },
  { at: 1, kind: 'progress', stage: 'train', done: 0, total: 2 },
  { at: 1.5, kind: 'step', costs: COSTS, stage: 'train', report: report(1) },
  { at: 2, kind: 'step', costs: COSTS, stage: 'train', report: report(2) },
  {
    ...{ at: 2, kind: 'evaluation' },
    evaluation: {
      ...{ who: 'policy', step: 2, prompts: 4, greedy: SCORES, sampled: SCORES },
      ...{ entropy: 0.5, kl: 0.1 },
    },
  },
];
const END: RecordedEnd = { at: 3, step: 2, totalSteps: 2, costs: COSTS, weightsHash: HASH };

const TEXT = encodeRecording(HEADER, EVENTS, END);
const LINES = TEXT.trimEnd().split('\n');

describe('round trip', () => {
  it('gives back what was recorded', () => {
    const { header, events, end } = parseRecording(TEXT, 'x');
    expect(header).toEqual(HEADER);
    expect(events).toEqual(EVENTS.map((event, i) => ({ ...event, line: i + 2 })));
    expect(end).toEqual(END);
  });

  it('keeps seven digits, of log-probs a thousandth', () => {
    const exact = { at: 1 / 3, kind: 'trajectories', costs: COSTS, tokens: [[1]] } as const;
    const [first] = parseRecording(
      encodeRecording(HEADER, [{ ...exact, logp: [[-1 / 3]] }, ...EVENTS.slice(2)], END),
      'x',
    ).events;
    expect(first).toMatchObject({ at: 0.3333333, logp: [[-0.333]] });
  });
});

/** The good text with one line changed; the first is 0. */
function withLine(index: number, change: (value: Record<string, unknown>) => object): string {
  const changed = JSON.stringify(change(JSON.parse(LINES[index]!) as Record<string, unknown>));
  return LINES.with(index, changed).join('\n');
}
const merged =
  (fields: object) =>
  (value: Record<string, unknown>): object => ({ ...value, ...fields });

describe('hostile input', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)]);
  const bad: readonly [string, string, RegExp][] = [
    ['nothing', '', /^x is empty/],
    ['no JSON', 'hello', /^x:1: not a line of JSON/],
    ['a list', '[]', /^x:1: not a JSON object/],
    ['a header alone', LINES[0]!, /^x:1: no event and end follow/],
    ['another version', withLine(0, merged({ version: 2 })), /^x:1: field version/],
    ['a path for a preset', withLine(0, merged({ preset: '../x' })), /^x:1: field preset/],
    ['another hash', withLine(0, merged({ referenceHash: 'abc' })), /^x:1: field referenceHash/],
    ['an unknown key', withLine(0, merged({ extra: 1 })), /^x:1: .*extra/],
    ['no adapter', withLine(0, merged({ adapter: {} })), /^x:1: field adapter/],
    [
      'a long name',
      withLine(0, merged({ adapter: { name: 'x'.repeat(999), isSoftware: true, features: [] } })),
      /^x:1: field adapter\.name/,
    ],
    [
      'a setting out of range',
      withLine(0, merged({ config: { ...HEADER.config, seed: -1 } })),
      /^x:1: field config\.seed/,
    ],
    [
      'settings over a limit',
      withLine(
        0,
        merged({ config: { ...HEADER.config, rollout: { prompts: 4096, trajectories: 64 } } }),
      ),
      /^x:1: field config: prompts × tries/,
    ],
    ['a prototype', LINES.with(1, '{"__proto__":{"x":1}}').join('\n'), /^x:2: /],
    ['a key twice', LINES.with(2, `{"at":0,${LINES[2]!.slice(1)}`).join('\n'), /^x:3: .*twice/],
    ['an unknown kind', withLine(2, merged({ kind: 'magic' })), /^x:3: field kind/],
    ['a negative time', withLine(1, merged({ at: -1 })), /^x:2: field at/],
    [
      'a time for ever',
      LINES.with(3, LINES[3]!.replace('"at":1', '"at":1e309')).join('\n'),
      /^x:4/,
    ],
    ['time going back', withLine(3, merged({ at: 2 })), /^x:5: field at: goes back/],
    ['an end before the last event', withLine(7, merged({ at: 1 })), /^x:8: field at: goes back/],
    ['a fraction of a token', withLine(1, merged({ tokens: [[0.5]] })), /^x:2: field tokens\.0\.0/],
    ['a token too large', withLine(1, merged({ tokens: [[1e9]] })), /^x:2: field tokens\.0\.0/],
    ['a probability above one', withLine(1, merged({ logp: [[0.1]] })), /^x:2: field logp\.0\.0/],
    ['deep lists', withLine(1, merged({ tokens: nested(50) })), /^x:2: field tokens/],
    [
      'more tries than prompts',
      withLine(1, merged({ tokens: Array.from({ length: 33 }, () => [1]) })),
      /^x:2: field tokens: more tries/,
    ],
    ['no costs', withLine(4, merged({ costs: {} })), /^x:5: field costs/],
    ['a step missing', LINES.toSpliced(4, 1).join('\n'), /^x:5: field report\.step: is not 1/],
    [
      'a loss of NaN',
      withLine(4, merged({ report: { ...report(1), loss: null } })),
      /report\.loss/,
    ],
    [
      'no time for a step',
      withLine(4, merged({ report: { ...report(1), seconds: 0 } })),
      /seconds/,
    ],
    [
      'scores of another number of turns',
      LINES.with(6, LINES[6]!.replace('[0.25,0.5]', '[0.25]')).join('\n'),
      /^x:7: field evaluation: needs one number/,
    ],
    ['a share above one', LINES.with(6, LINES[6]!.replace('0.5]', '1.5]')).join('\n'), /^x:7/],
    ['two ends', [...LINES, LINES[7]].join('\n'), /^x:8: field kind/],
    ['no end', LINES.slice(0, -1).join('\n'), /^x:7: field kind/],
    ['an end too early', LINES.toSpliced(5, 1).join('\n'), /^x:7: field step: is not 1/],
    ['an unfinished run', withLine(7, merged({ totalSteps: 3 })), /^x:8: field totalSteps/],
    ['no tries', LINES.toSpliced(1, 1).join('\n'), /^x:7: field kind: .*no trajectories/],
    ['too much', ' '.repeat(5_000_000), /^x has 5000000 characters/],
  ];

  it.each(bad)('refuses %s', (_, text, message) => {
    const begun = performance.now();
    expect(() => parseRecording(text, 'x')).toThrow(
      expect.objectContaining({
        code: 'file-invalid',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('refuses every truncation', () => {
    for (let length = 0; length < TEXT.length - 2; length += 7) {
      expect(() => parseRecording(TEXT.slice(0, length), 'x'), `${length}`).toThrow(/^x/);
    }
  });

  it('either reads or plainly refuses 2,000 mutations of seed 1', () => {
    const random = rng(1);
    const alphabet = '{}[]",:-0129eE.nulltrue\u0000é';
    let refused = 0;
    for (let i = 0; i < 2000; i++) {
      const at = random.int(TEXT.length);
      const mutant = TEXT.slice(0, at) + random.pick([...alphabet]) + TEXT.slice(at + 1);
      try {
        parseRecording(mutant, 'x');
      } catch (error) {
        refused += 1;
        expect(error).toMatchObject({ code: 'file-invalid' });
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
