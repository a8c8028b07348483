/** A teacher's words about an experiment, and the controls that they leave out of sight; part of a link. */
import { LEAVES } from '../config/leaves';

export interface Lesson {
  readonly title: string; // shown as text, like `text`
  readonly text: string; //  may have several lines
  /** Settings, sections of settings and parts of the page that are not shown. */
  readonly hides: readonly string[];
}

/** Parts of the page that a lesson can hide, beside settings and their sections. */
const PARTS = ['preset', 'files', 'more', 'race', 'theory', 'talk'] as const;
export type PagePart = (typeof PARTS)[number];

const MOST_TITLE = 80; // characters
const MOST_TEXT = 2000;

const HIDEABLE: ReadonlySet<string> = new Set([
  ...PARTS,
  ...Array.from(LEAVES.keys()).flatMap((name) => [name, sectionOf(name)]),
]);

function sectionOf(name: string): string {
  return name.split('.', 1)[0]!;
}

/** Whether a lesson hides a setting, by itself or with its section, or a part of the page. */
export const isHidden = (lesson: Lesson | undefined, name: string): boolean =>
  lesson !== undefined && (lesson.hides.includes(name) || lesson.hides.includes(sectionOf(name)));

/** The fields of a link that carry a lesson; none for an empty one. */
export function lessonFields(lesson: Lesson | undefined): (readonly [string, string])[] {
  const { title = '', text = '', hides = [] } = lesson ?? {};
  const fields = [
    ['lesson.title', title],
    ['lesson.text', text],
    ['lesson.hide', hides.join(',')],
  ] as const;
  return fields.filter(([, value]) => value !== '');
}

/**
 * The lesson that a link's fields carry, which it takes out of them; undefined where they carry none.
 *
 * @param notices is told of what could not be used
 */
export function takeLesson(fields: Map<string, string>, notices: string[]): Lesson | undefined {
  const take = (name: string): string => {
    const value = fields.get(name) ?? '';
    fields.delete(name);
    return value;
  };
  const asked = {
    title: take('lesson.title'),
    text: take('lesson.text'),
    hides: take('lesson.hide').split(',').filter(Boolean),
  };
  if (asked.hides.some((name) => !HIDEABLE.has(name))) {
    notices.push('The lesson hides something that is not on this page.');
  }
  const lesson = plainLesson(asked);
  if (lesson && (lesson.title !== asked.title || lesson.text !== asked.text)) {
    notices.push('The words of the lesson were cut, or held characters that cannot be shown.');
  }
  return lesson;
}

/** A lesson of words that can be shown and names that can be hidden; undefined for an empty one. */
export function plainLesson({ title, text, hides }: Lesson): Lesson | undefined {
  const lesson = {
    title: shown(title, /\p{C}/gu, MOST_TITLE),
    text: shown(text, /[^\P{C}\n]/gu, MOST_TEXT),
    hides: [...HIDEABLE].filter((name) => hides.includes(name)),
  };
  return lesson.title || lesson.text || lesson.hides.length > 0 ? lesson : undefined;
}

/** Without control characters, lone surrogates and those that reorder or hide text; of bounded length. */
const shown = (text: string, foreign: RegExp, most: number): string =>
  [...text.replace(foreign, '')].slice(0, most).join('');
