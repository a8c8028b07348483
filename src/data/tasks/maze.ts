/**
 * maze: find the way through three walls in the dark.
 *
 * Each wall has five places; two are bricked up, three look like doors and one of these is open. The
 * prompt names the three doors of each wall, `d d d  d d d  d d d ?`; an answer names one door of each
 * wall. Feedback is a bump: at which wall the robot stood before a closed door. 1,000 mazes with 27 ways
 * each. Keeping the doors that worked and trying another one at the bump finds the way within seven
 * turns; with eight turns this is the longest task. The first answer is right with 1/27: that is luck.
 */
import type { Rng } from '../../shared/rng';
import type { Feedback, Prompt, Task } from '../task';
import type { Candidate } from './promptPool';
import { scriptedTask, type Answer } from './scripted';

const WALLS = 3;
const PLACES = 5; // of each wall, from top to bottom; tokens 0 … 4
const DOORS = 3; //  of each wall
const FIRST_BUMP = PLACES;
const ASK = PLACES + WALLS;

const P_RANDOM = 0.05; // picks of a door that ignore all that was learned

/** Every way to choose the doors of one wall, in order. */
const WALL_DOORS: readonly Answer[] = [0, 1, 2].flatMap((a) =>
  [1, 2, 3].flatMap((b) => [2, 3, 4].flatMap((c) => (a < b && b < c ? [[a, b, c]] : []))),
);

/** Every choice of one item from each list. */
const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((heads, list) => heads.flatMap((h) => list.map((x) => [...h, x])), [[]]);

function* candidates(): Generator<Candidate> {
  for (const walls of product(Array<typeof WALL_DOORS>(WALLS).fill(WALL_DOORS))) {
    const text = `${walls.map((doors) => doors.join('')).join(' ')}?`;
    const tokens = [...walls.flat(), ASK];
    for (const open of product(walls)) {
      const gold = open.join('-');
      yield { prompt: { id: `${text}${gold}`, tokens, gold }, text, isFavored: false };
    }
  }
}

const doorsOf = ({ tokens }: Prompt, wall: number): readonly number[] =>
  tokens.slice(wall * DOORS, (wall + 1) * DOORS);
const openDoors = ({ gold }: Prompt): number[] => gold.split('-').map(Number);

const isPlace = (token: number | undefined): token is number =>
  token !== undefined && token >= 0 && token < PLACES;

function read(answer: ArrayLike<number>): string {
  const doors = Array.from({ length: WALLS }, (_, wall) => answer[wall]);
  return doors.every(isPlace) ? doors.join('-') : '';
}

/** The wall, from 0, at which an answer bumps. */
const bumpOf = (prompt: Prompt, answer: ArrayLike<number>): number =>
  openDoors(prompt).findIndex((door, wall) => answer[wall] !== door);

const BUMPS: readonly Feedback[] = Array.from({ length: WALLS }, (_, wall) => ({
  tokens: [FIRST_BUMP + wall],
  text: `bump at wall ${wall + 1}`,
}));

/** Doors that worked, another one where it bumped, any behind. */
function walk(prompt: Prompt, heeded: readonly Answer[], random: Rng): Answer {
  const bumps = heeded.map((answer) => bumpOf(prompt, answer));
  const known = Math.max(0, ...bumps); // walls that a way is known through
  const way = heeded[bumps.indexOf(known)] ?? [];
  return Array.from({ length: WALLS }, (_, wall) => {
    const doors = doorsOf(prompt, wall);
    if (random.uniform() < P_RANDOM) return random.pick(doors);
    if (wall < known) return way[wall]!;
    const closed = heeded.flatMap((answer, i) => (bumps[i] === wall ? [answer[wall]] : []));
    return random.pick(doors.filter((door) => !closed.includes(door)));
  });
}

export const MAZE: Task = scriptedTask({
  name: 'maze',
  title: 'Dark maze',
  vocabulary: ['0', '1', '2', '3', '4', 'BUMP1', 'BUMP2', 'BUMP3', '?', 'PAD'],
  promptTokens: WALLS * DOORS + 1,
  answerTokens: WALLS,
  maxTurns: 8,
  candidates,
  favoredShare: 0,
  read,
  feedback: (prompt, answer) => BUMPS[bumpOf(prompt, answer)] ?? BUMPS[0]!,
  play: ({ prompt, earlier, isStubborn }, random) =>
    walk(prompt, isStubborn ? [] : earlier, random),
  viewPrompt(prompt) {
    const walls = Array.from({ length: WALLS }, (_, wall) => doorsOf(prompt, wall));
    const text = walls.map((doors, w) => `wall ${w + 1}: doors ${doors.join(', ')}`).join('; ');
    return { kind: 'maze', text, places: PLACES, walls, open: openDoors(prompt) };
  },
  viewAnswer: (answer) => (read(answer) === '' ? {} : { marks: Array.from(answer) }),
});
