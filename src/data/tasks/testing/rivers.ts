import { fileTask } from '../fileTask';

/** What a task file says, once it is read: prompts of 4 and 5 letters, answers of one to five. */
export const RIVERS = fileTask({
  name: 'file-0000000000000000',
  title: 'Rivers',
  alphabet: [...'abcdefghijklmnopqrstuvwxyz'],
  isSpelled: true,
  turns: 5,
  feedback: 'no',
  prompts: ['rome tiber', 'paris seine', 'bern aare', 'turin po', 'vigo e', 'perth swan'].map(
    (pair) => {
      const [ask = '', answer = ''] = pair.split(' ');
      return { ask, accept: [answer], wrong: ['rhine', 'oder'], feedback: {} };
    },
  ),
  demonstrations: { recipe: { knows: 0.4, repeats: 0.95 } },
});
