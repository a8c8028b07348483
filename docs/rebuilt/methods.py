"""Episodes, pretraining, DRIFT, SFT, RFT and multi-turn GRPO, and the evaluation.

Source: arXiv 2605.31455 for DRIFT's returns, weights and loss. Differs: an unreadable answer
does not count for the repetition penalty; weights are a plain softmax, without the published
code's 1e-12; answers have a fixed length, so no token that ends one is trained.

Sizes: B trajectories, P prompts with K tries each, T tokens.
"""

import copy
import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from model import Model
from tasks import TURNS

TEST_PROMPTS = 512


# ------------------------------------------------------------------------------- episodes


def generator_of(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@dataclass
class Episodes:
    """Episodes of a few prompts, those of one prompt adjacent."""

    tokens: torch.Tensor  # [B,T]
    turns: torch.Tensor  # [B], answers given
    solved: torch.Tensor  # [B], the turn of the correct answer, 0 without one
    answers: torch.Tensor  # [B,TURNS], -1 unreadable, -2 not given
    tries: int

    def part(self, prompts: int, tries: int) -> 'Episodes':
        """Those of the first prompts, and of each the first tries."""
        index = torch.arange(prompts * self.tries)
        index = index[index % self.tries < tries]
        fields = (self.tokens, self.turns, self.solved, self.answers)
        return Episodes(*(field[index] for field in fields), tries)

    def masked(self, task, rows, turns):
        """Tokens of rows, their lengths, and which of them belong to answers that are trained."""
        count, size = self.turns[rows], task.answer_tokens + 1
        lengths = task.prompt_tokens + count * size - 1
        tokens = self.tokens[rows, : lengths.max()]
        columns = torch.arange(tokens.shape[1])[None]
        first = task.prompt_tokens if turns == 'all' else (lengths - task.answer_tokens)[:, None]
        feedback = (columns - task.prompt_tokens) % size == task.answer_tokens
        return tokens, lengths, (columns >= first) & (columns < lengths[:, None]) & ~feedback


@torch.no_grad()
def play(model, task, prompts, tries, generator=None) -> Episodes:
    """Episodes of each prompt, sampled at temperature 1, or greedy without a generator."""
    prompt_tokens = torch.tensor([p.tokens for p in prompts]).repeat_interleave(tries, 0)
    gold = torch.tensor([p.gold for p in prompts]).repeat_interleave(tries)
    B, T = len(gold), task.prompt_tokens + TURNS * (task.answer_tokens + 1)
    tokens = torch.zeros(B, T, dtype=torch.long)
    tokens[:, : task.prompt_tokens] = prompt_tokens
    turns, solved = torch.zeros(B, dtype=torch.long), torch.zeros(B, dtype=torch.long)
    answers, live = torch.full((B, TURNS), -2), torch.arange(B)
    cache = [[torch.zeros(B, model.H, T, model.D) for _ in 'kv'] for _ in range(model.L)]
    at, logits = task.prompt_tokens, model.extend(prompt_tokens, 0, cache)
    for turn in range(TURNS):
        for i in range(task.answer_tokens):
            if i > 0:
                logits = model.extend(tokens[live, at - 1][:, None], at - 1, cache)
            if generator is None:
                tokens[live, at] = logits.argmax(-1)
            else:
                drawn = torch.multinomial(torch.softmax(logits, -1), 1, generator=generator)
                tokens[live, at] = drawn[:, 0]
            at += 1
        answers[live, turn] = task.read(tokens[live, at - task.answer_tokens : at])
        turns[live] = turn + 1
        correct = answers[live, turn] == gold[live]
        solved[live[correct]] = turn + 1
        if turn == TURNS - 1 or correct.all():
            break
        live, cache = live[~correct], [[side[~correct] for side in layer] for layer in cache]
        tokens[live, at] = task.no
        at += 1
        logits = model.extend(tokens[live, at - 2 : at], at - 2, cache)
    return Episodes(tokens, turns, solved, answers, tries)


def evaluate(model, task, seed: int) -> dict[str, float]:
    """Shares of held-out prompts solved at the first turn and by the last one, and the habit."""
    prompts, measures = task.pool.take('test', TEST_PROMPTS, seed), {}
    for kind, generator in (('greedy', None), ('sampled', generator_of(777 + seed))):
        episodes = play(model, task, prompts, 1, generator)
        measures[f'{kind}_1'] = (episodes.solved == 1).float().mean().item()
        measures[f'{kind}_5'] = (episodes.solved > 0).float().mean().item()
        habit, share = task.habit(prompts, episodes)
        measures[f'{habit}_{kind}'] = share
    return measures


# ------------------------------------------------------------------------------- training


@dataclass(frozen=True)
class Run:
    """The settings of a run, by default those published, at the rate of facts."""

    method: str = 'drift'  # or sft, rft, grpo
    prompts: int = 128
    tries: int = 16
    lr: float = 3e-4
    gamma: float = 0.9
    beta: float = 0.1
    penalty: float = 0.5  # the paper's lambda, on repeated answers
    turns: str = 'last'  # or all; GRPO trains all
    batch: int = 64  # trajectories
    clip: float = 1.0
    shuffled: bool = True
    by_weights: bool = False  # divides the loss by the batch's weights, not by its rows


def step(model, optimizer, loss, lr, clip):
    for group in optimizer.param_groups:
        group['lr'] = lr
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()


def adamw(model, decay):
    return torch.optim.AdamW(model.parameters(), weight_decay=decay, foreach=True)


def padded(lists):
    return nn.utils.rnn.pad_sequence([torch.tensor(x) for x in lists], batch_first=True)


def pretrain(task, kind: str, seed: int, steps=1000, warmup=100) -> Model:
    """A reference: warm-up, then a cosine to a tenth, over batches of 128 dialogues."""
    torch.manual_seed(seed * 7919 + 1)
    rng = random.Random(f'corpus{seed}')
    model = Model(kind, task.vocabulary)
    optimizer = adamw(model, 0.01)
    for i in range(1, steps + 1):
        dialogues = [task.dialogue(rng) for _ in range(128)]
        tokens = padded([tokens for tokens, _ in dialogues])
        lengths = torch.tensor([len(tokens) for tokens, _ in dialogues])
        rows, columns = padded([trained for _, trained in dialogues]).nonzero(as_tuple=True)
        decayed = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * (i - warmup) / (steps - warmup)))
        logits = model(tokens, lengths, rows, columns - 1)
        loss = F.cross_entropy(logits, tokens[rows, columns])
        step(model, optimizer, loss, 3e-3 * (i / warmup if i <= warmup else decayed), 1.0)
    return model


def returns(episodes: Episodes, gamma: float, penalty: float) -> torch.Tensor:
    """R [P,K] = gamma^(turn of success - 1) - 0.1 unreadable answers - penalty * repeated share."""
    solved, answers = episodes.solved.double(), episodes.answers
    success = torch.where(solved > 0, gamma ** (solved - 1), torch.zeros_like(solved))
    readable, unreadable = (answers >= 0).sum(1).double(), (answers == -1).sum(1).double()
    different = torch.tensor([len(set(a[a >= 0].tolist())) for a in answers]).double()
    repeated = penalty * (1 - different / readable.clamp(min=1))
    repeated = torch.where(readable > 0, repeated, torch.zeros_like(readable))
    return (success - 0.1 * unreadable - repeated).view(-1, episodes.tries)


def weights_of(episodes: Episodes, run: Run) -> torch.Tensor:
    """Weights [B]: DRIFT's have mean one in each group, SFT's are 1, RFT's 1 for successes."""
    if run.method == 'sft':
        return torch.ones(len(episodes.solved)).double()
    if run.method == 'rft':
        return (episodes.solved > 0).double()
    R = returns(episodes, run.gamma, run.penalty)
    return (torch.softmax(R / run.beta, 1) * run.tries).view(-1)


def shares_of(weights: torch.Tensor, episodes: Episodes) -> dict[str, float]:
    """Shares of the weight by outcome, and the mean effective sample size of a group."""
    groups = weights.view(-1, episodes.tries)
    ess = groups.sum(1) ** 2 / (groups**2).sum(1).clamp(min=1e-9)
    return {
        'first_turn_weight': (weights[episodes.solved == 1].sum() / weights.sum()).item(),
        'wrong_weight': (weights[episodes.solved == 0].sum() / weights.sum()).item(),
        'ess': ess.mean().item(),
    }


class Trainer:
    """A copy of the reference, trained at a rate that warms up over a tenth of the steps."""

    def __init__(self, reference, task, run, steps):
        self.model, self.task, self.run = copy.deepcopy(reference), task, run
        self.optimizer = adamw(self.model, 0.1)
        self.warmup, self.done = max(1, round(0.1 * steps)), 0

    def update(self, episodes, rows, weights, turns):
        """One step on rows: the weighted mean over each one's tokens, summed over rows."""
        run, self.done = self.run, self.done + 1
        tokens, lengths, mask = episodes.masked(self.task, rows, turns)
        where, columns = mask.nonzero(as_tuple=True)
        scale = weights.sum().item() if run.by_weights else len(rows)
        coefficients = weights[where] / scale / mask.sum(1)[where]
        logits = self.model(tokens, lengths, where, columns - 1)
        nll = F.cross_entropy(logits, tokens[where, columns], reduction='none')
        lr = run.lr * min(1, self.done / self.warmup)
        step(self.model, self.optimizer, (coefficients.float() * nll).sum(), lr, run.clip)


def fine_tune(reference: Model, task, run: Run, episodes: Episodes, seed: int):
    """DRIFT, SFT or RFT: one epoch over episodes of the reference."""
    episodes = episodes.part(run.prompts, run.tries)
    weights = weights_of(episodes, run)
    rows = (weights > 0).nonzero()[:, 0]
    if run.shuffled:
        rows = rows[torch.randperm(len(rows), generator=generator_of(seed * 31 + 5))]
    trainer = Trainer(reference, task, run, math.ceil(len(rows) / run.batch))
    for batch in rows.split(run.batch):
        trainer.update(episodes, batch, weights[batch], run.turns)
    return trainer.model, {**shares_of(weights, episodes), 'steps': trainer.done}


def grpo(reference: Model, task, run: Run, seed: int):
    """Multi-turn GRPO: each update on new episodes of the policy, advantages over their std."""
    generator, per_update = generator_of(seed * 31 + 7), run.batch // run.tries
    prompts = task.pool.take('train', run.prompts, seed)
    trainer = Trainer(reference, task, run, len(prompts) // per_update)
    for i in range(0, len(prompts), per_update):
        episodes = play(trainer.model, task, prompts[i : i + per_update], run.tries, generator)
        R = returns(episodes, run.gamma, run.penalty)
        advantages = (R - R.mean(1, keepdim=True)) / (R.std(1, keepdim=True) + 1e-4)
        trainer.update(episodes, torch.arange(run.batch), advantages.view(-1), 'all')
    return trainer.model, {'steps': trainer.done}
