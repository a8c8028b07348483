/**
 * stain: sums with a hidden part.
 *
 * Prompt `a1 a0 + b1 b0 =`; in 60 % of prompts one ones digit is stained: L can still be 0 … 4, H
 * 5 … 9. The answer is three digits, ones first. Working it out is skill, the stained digit is luck:
 * the best first answer is right with .4 + .6 / 5 = .52, and five different ones are always enough.
 */
import type { Task } from '../task';
import { additionTask } from './addition';

export const STAIN: Task = additionTask({ name: 'stain', title: 'Stained sums', stained: 0.6 });
