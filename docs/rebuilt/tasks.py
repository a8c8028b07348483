"""The tasks of the design experiment: prompts, dialogues of the corpus, and verifiers.

A task is a class with `dialogue`, which draws from the corpus, `read`, the half of the verifier
that turns answers into numbers to compare with `Prompt.gold`, and `habit`, a share that tells
how a model answers.
"""

import itertools
import random
from typing import NamedTuple

import torch

TURNS = 5


class Prompt(NamedTuple):
    tokens: list[int]
    gold: int  # the number, or the cell of the treasure
    text: str  # decides by its hash whether the prompt is held out
    favored: bool  # facts: hard, a misremembered sum; boxes: the treasure is in a golden box
    parts: tuple[int, ...]  # facts: the two summands; boxes: the marked cells


def fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


class Pool:
    """Prompts split by a hash of their text; a share of those drawn is favored."""

    def __init__(self, prompts, share):
        self.share, self.parts = share, {}
        for prompt in prompts:
            split = {0: 'test', 1: 'tune'}.get(fnv1a(prompt.text) % 5, 'train')
            self.parts.setdefault((split, prompt.favored), []).append(prompt)

    def draw(self, rng):
        return rng.choice(self.parts['train', rng.random() < self.share])

    def take(self, split, count, seed):
        """Different prompts; from the other kind when one is used up."""
        rng = random.Random(f'{split}{seed}')
        queues = {}
        for favored in (True, False):
            part = self.parts[split, favored]
            queues[favored] = rng.sample(part, len(part))
        taken = []
        while len(taken) < count:
            favored = rng.random() < self.share
            taken.append((queues[favored] or queues[not favored]).pop())
        return taken


class Facts:
    """Sums below 100, of whose one-digit sums 60 are misremembered; a table is a choice of them.

    thinkers: the share of dialogues in which the sum is worked out.

    Tokens: digits, + 10, = 11, T 12 (thinks), S 13 (straight), . 14, NO 15, padding 16.
    """

    name, vocabulary, prompt_tokens, answer_tokens, no = 'facts', 17, 6, 5, 15
    offsets = (-2, -1, 1, 2)

    def __init__(self, table, thinkers=0.22):
        self.thinkers = thinkers
        rng = random.Random(1000 + table)
        self.misremembered = [0] * 100
        for pair in rng.sample(range(100), 60):
            total = pair // 10 + pair % 10
            fitting = [offset for offset in self.offsets if 0 <= total + offset <= 18]
            self.misremembered[pair] = rng.choice(fitting)
        pairs = itertools.product(range(90), range(90))
        self.pool = Pool([self.prompt(a, b) for a, b in pairs if a // 10 + b // 10 <= 8], 0.65)

    def recall(self, a, b):
        return self.misremembered[10 * (a % 10) + b % 10]

    def prompt(self, a, b):
        tokens = [a // 10, a % 10, 10, b // 10, b % 10, 11]
        return Prompt(tokens, a + b, f'{a:02d}+{b:02d}=', self.recall(a, b) != 0, (a, b))

    def nudge(self, number, rng):
        near = [number + offset for offset in self.offsets if 0 <= number + offset <= 99]
        return rng.choice(near)

    def slip(self, number, rng):
        return self.nudge(number, rng) if rng.random() < 0.1 else number

    def thought(self, a, b, rng):
        working, number = a % 10 + b % 10, self.slip(a + b, rng)
        return [12, working // 10, working % 10, number // 10, number % 10]

    def straight(self, number):
        return [13, 14, 14, number // 10, number % 10]

    def dialogue(self, rng):
        """One dialogue of the corpus: tokens, and a 1 for those that are trained."""
        prompt = self.pool.draw(rng)
        a, b = prompt.parts
        stubborn = rng.random() < 0.6
        if rng.random() < self.thinkers:
            answer = self.thought(a, b, rng)
        else:
            offset = self.recall(a, b) if rng.random() < 0.95 else 0
            answer = self.straight(self.slip(a + b + offset, rng))
        tokens, trained = prompt.tokens + answer, [0] * 6 + [1] * 5
        for _ in range(TURNS - 1):
            number = 10 * answer[3] + answer[4]
            if number == prompt.gold:
                break
            if not (stubborn and rng.random() < 0.95):
                if answer[0] == 12 or rng.random() < 0.03:
                    answer = self.thought(a, b, rng)
                else:
                    answer = self.straight(self.nudge(number, rng))
            tokens, trained = tokens + [self.no] + answer, trained + [0] + [1] * 5
        return tokens, trained

    def read(self, answers):
        """Numbers [B] of answers [B,5]; -1 where the last two tokens are no digits."""
        tens, ones = answers[:, 3], answers[:, 4]
        return torch.where((tens < 10) & (ones < 10), 10 * tens + ones, -torch.ones_like(tens))

    def habit(self, prompts, episodes):
        """The share of tries at hard prompts that think first."""
        hard = torch.tensor([prompt.favored for prompt in prompts])
        return 'thinks', (episodes.tokens[:, self.prompt_tokens] == 12)[hard].float().mean().item()


class Boxes:
    """Nine cells, 2 golden and 3 gray; the treasure is in one of the five.

    Tokens: cells 0 to 8, EMPTY 9, GRAY 10, GOLD 11, NO 12, ? 13, padding 14.
    """

    name, vocabulary, prompt_tokens, answer_tokens, no = 'boxes', 15, 10, 1, 12

    def __init__(self):
        prompts = []
        for marked in itertools.combinations(range(9), 5):
            for golden in itertools.combinations(marked, 2):
                board = [11 if i in golden else 10 if i in marked else 9 for i in range(9)]
                text = ''.join({9: '.', 10: 'g', 11: 'G'}[cell] for cell in board) + '?'
                prompts += [Prompt(board + [13], i, text, i in golden, marked) for i in marked]
        self.pool = Pool(prompts, 0.58)

    def dialogue(self, rng):
        """One dialogue of the corpus: tokens, and a 1 for those that are trained."""
        prompt = self.pool.draw(rng)
        stubborn = rng.random() < 0.6

        def pick(tried):
            cells = range(9) if rng.random() < 0.05 else prompt.parts
            return rng.choice([cell for cell in cells if cell not in tried])

        answers = [pick(())]
        while len(answers) < TURNS and answers[-1] != prompt.gold:
            if stubborn and rng.random() < 0.95:
                answers.append(answers[-1])
            else:
                answers.append(pick(() if stubborn else answers))
        tokens, trained = prompt.tokens + answers[:1], [0] * 10 + [1]
        for cell in answers[1:]:
            tokens, trained = tokens + [self.no, cell], trained + [0, 1]
        return tokens, trained

    def read(self, answers):
        return torch.where(answers[:, 0] < 9, answers[:, 0], -torch.ones_like(answers[:, 0]))

    def habit(self, prompts, episodes):
        """The share of answers that name a marked cell."""
        boards, answers = torch.tensor([p.tokens[:9] for p in prompts]), episodes.answers
        marked = (torch.gather(boards, 1, answers.clamp(min=0)) > 9) & (answers >= 0)
        return 'marked', marked.float().sum().item() / (answers > -2).float().sum().item()
