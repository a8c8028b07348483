/**
 * Links: `v=1&preset=NAME&drift.beta=0.2` after the #, naming only what differs from the preset.
 *
 * A link is hostile input: names are looked up in a Map, each value is judged by its row of the
 * schema and the whole by its rules, and what cannot be used is named and replaced.
 */
import { problemsOf, type ConfigProblem } from '../config/caps';
import {
  LEAVES,
  allowedValues,
  leafValue,
  parseLeafText,
  withLeaf,
  type Leaf,
} from '../config/leaves';
import { FIRST_VISIT, presetNamed, type Preset } from '../config/presets';
import type { RunConfig } from '../config/runConfig';
import { PlaygroundError } from '../shared/errors';
import { raceFields, readRace, takeRace, type RaceChoice } from './raceChoice';
import { lessonFields, takeLesson, type Lesson } from './lesson';

const VERSION = 1;
const MAX_LINK_CHARACTERS = 8192;
const ROOM = 1500; // characters that are left for settings changed later
const MAX_NOTICES = 20;
const MAX_QUOTED_CHARACTERS = 40;

/** What a link opens. `notices`: one sentence for each thing in it that could not be used. */
export interface OpenedLink {
  readonly config: RunConfig; // always valid
  readonly preset: Preset;
  readonly race?: RaceChoice | undefined; // undefined: nothing is said of one
  readonly lesson?: Lesson | undefined;
  readonly notices: readonly string[];
}

/** What a link carries beside settings. */
export interface LinkExtras {
  readonly race?: RaceChoice;
  readonly lesson?: Lesson | undefined;
}

/** Fragment naming the preset, in schema order the settings that differ from it, race and lesson. */
export function encodeLink(
  config: RunConfig,
  preset: Preset,
  { race, lesson }: LinkExtras = {},
): string {
  const out = new URLSearchParams({ v: String(VERSION), preset: preset.name });
  for (const leaf of LEAVES.values()) {
    const value = leafValue(config, leaf);
    if (value !== leafValue(preset.config, leaf)) out.set(leaf.name, String(value));
  }
  const extras = [...(race ? raceFields(race, config) : []), ...lessonFields(lesson)];
  for (const [name, value] of extras) out.set(name, value);
  return out.toString();
}

/** Whether something more may be added to what a fragment carries. */
export const hasRoom = (fragment: string): boolean => fragment.length <= MAX_LINK_CHARACTERS - ROOM;
export const TOO_MUCH = 'This is too much for a link.';

/**
 * Reads a fragment, with or without its #. A setting that cannot be used keeps the preset's value.
 *
 * @throws PlaygroundError 'config-invalid' for a link from a newer version, and never otherwise.
 */
export function decodeLink(fragment: string): OpenedLink {
  if (fragment.length > MAX_LINK_CHARACTERS) {
    const notices = [`The link is longer than ${MAX_LINK_CHARACTERS} characters and was ignored.`];
    return { config: FIRST_VISIT.config, preset: FIRST_VISIT, notices };
  }
  const notices: string[] = [];
  const fields = uniqueFields(fragment, notices);
  checkVersion(fields, notices);
  const preset = presetOf(fields, notices);
  const lesson = takeLesson(fields, notices);
  const raced = takeRace(fields);
  const read = readSettings(fields, preset.config, notices);
  const config = repair(read, preset.config, notices);
  const race = readRace(raced, config, (name) => notices.push(`${quoted(name)} cannot be used.`));
  return { config, preset, race, lesson, notices: shortened(notices) };
}

/** The fields of a fragment; of a repeated one the first counts. */
function uniqueFields(fragment: string, notices: string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, text] of new URLSearchParams(fragment.replace(/^#/, ''))) {
    if (fields.has(name)) notices.push(`${quoted(name)} is given twice; the first one counts.`);
    else fields.set(name, text);
  }
  return fields;
}

function checkVersion(fields: Map<string, string>, notices: string[]): void {
  const version = fields.get('v');
  fields.delete('v');
  if (version === undefined || version === String(VERSION)) return;
  if (/^[1-9]\d*$/.test(version)) {
    throw new PlaygroundError(
      'config-invalid',
      'This link was made by a newer playground; reload the page to get the current one.',
      { v: version.slice(0, MAX_QUOTED_CHARACTERS), newest: VERSION },
    );
  }
  notices.push(`v must be a version number, not ${quoted(version)}; read as version ${VERSION}.`);
}

function presetOf(fields: Map<string, string>, notices: string[]): Preset {
  const name = fields.get('preset');
  fields.delete('preset');
  if (name === undefined) return FIRST_VISIT;
  const preset = presetNamed(name);
  if (!preset) notices.push(`There is no preset ${quoted(name)}; ${FIRST_VISIT.name} was taken.`);
  return preset ?? FIRST_VISIT;
}

function readSettings(
  fields: ReadonlyMap<string, string>,
  base: RunConfig,
  notices: string[],
): RunConfig {
  let config = base;
  for (const [name, text] of fields) {
    const leaf = LEAVES.get(name);
    const value = leaf && parseLeafText(leaf, text);
    if (!leaf) notices.push(`${quoted(name)} is not a setting.`);
    else if (value === undefined) {
      notices.push(`${name} must be ${allowedValues(leaf)}, not ${quoted(text)}.`);
    } else config = withLeaf(config, leaf, value);
  }
  return config;
}

/**
 * Gives changed settings the preset's value until no rule across fields is broken: the one that
 * mends a rule by itself where there is one, all of them otherwise.
 */
function repair(read: RunConfig, base: RunConfig, notices: string[]): RunConfig {
  let config = read;
  for (let problems = problemsOf(config); problems[0]; problems = problemsOf(config)) {
    const [problem] = problems;
    const changed = changedLeaves(config, base, problem);
    const culprit = changed.find(
      (leaf) => problemsOf(restored(config, leaf, base)).length < problems.length,
    );
    for (const leaf of culprit ? [culprit] : changed) {
      const value = leafValue(config, leaf);
      config = restored(config, leaf, base);
      notices.push(
        `${leaf.name}=${value} cannot be used: ${problem.message}; ${leafValue(base, leaf)} was kept.`,
      );
    }
  }
  return config;
}

const restored = (config: RunConfig, leaf: Leaf, base: RunConfig): RunConfig =>
  withLeaf(config, leaf, leafValue(base, leaf));

/** The settings that differ, those that the problem names first. */
function changedLeaves(config: RunConfig, base: RunConfig, problem: ConfigProblem): Leaf[] {
  const named = problem.names.flatMap((name) => LEAVES.get(name) ?? []);
  return [...new Set([...named, ...LEAVES.values()])].filter(
    (leaf) => leafValue(config, leaf) !== leafValue(base, leaf),
  );
}

/** A stranger's text for a notice: short, on one line, without characters that reorder or hide text. */
function quoted(text: string): string {
  const plain = text.toWellFormed().replace(/[\p{C}\p{Z}]/gu, ' ');
  const characters = [...plain];
  const isLong = characters.length > MAX_QUOTED_CHARACTERS;
  return `“${characters.slice(0, MAX_QUOTED_CHARACTERS).join('')}${isLong ? '…' : ''}”`;
}

function shortened(notices: readonly string[]): readonly string[] {
  if (notices.length <= MAX_NOTICES) return notices;
  const rest = notices.length - MAX_NOTICES + 1;
  return [...notices.slice(0, MAX_NOTICES - 1), `${rest} more parts of the link were ignored.`];
}
