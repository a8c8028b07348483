/**
 * sums: plain sums, for a reference that was pretrained too shortly to know them.
 *
 * As stain without stains. A group without any success holds nothing to weigh: DRIFT elicits what the
 * reference can do, it does not create it.
 */
import type { Task } from '../task';
import { additionTask } from './addition';

export const SUMS: Task = additionTask({ name: 'sums', title: 'Plain sums', stained: 0 });
