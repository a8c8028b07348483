"""The design experiment, rebuilt in PyTorch: DRIFT, SFT, RFT and GRPO on facts and boxes.

DRIFT is the method of arXiv 2605.31455. The design experiment is the one that chose the tasks
and settings of DRIFT Playground; docs/labNotes.md compares its figures with those made here
("2026-11-29 The design experiment, rebuilt"). Nothing of the playground's engine is used.

    python3 docs/rebuilt/experiment.py facts --list
    python3 docs/rebuilt/experiment.py facts --references 0-7 --runs drift-128,grpo-184 --seeds 0,1
    python3 docs/rebuilt/experiment.py table docs/rebuilt/rows.jsonl
    python3 docs/rebuilt/experiment.py means docs/rebuilt/rows.jsonl boxes drift-beta-0.03 --count 3

A reference is trained once and kept in `references/` beside the rows; rows that the file has
are not made again. One thread, since sums in another order give other roundings, which 1,000
steps of pretraining amplify: the recorded rows come out again with PyTorch 1.13 and OpenBLAS
on the processor that made them (AMD EPYC); elsewhere means and spreads should.
"""

import argparse
import json
import math
import os
import random
import statistics
import sys
from dataclasses import replace
from pathlib import Path

os.environ['OPENBLAS_NUM_THREADS'] = '1'  # read when PyTorch is imported, where it uses OpenBLAS

import torch

from methods import Run, evaluate, fine_tune, generator_of, grpo, play, pretrain
from model import Model
from tasks import Boxes, Facts

DRIFT_64 = Run(prompts=64)
GRPO = Run(method='grpo', prompts=184, lr=2e-4)
BOXES = Run(prompts=256, lr=1e-3)
BETA_003, BETA_05 = replace(BOXES, beta=0.03), replace(BOXES, beta=0.5)
GAMMA_1 = replace(BOXES, gamma=1)

RUNS = {
    'facts': {
        'drift-128': Run(),
        'drift-128-6e-4': Run(lr=6e-4),
        'drift-128-1e-3': Run(lr=1e-3),
        'drift-128-gamma-1': Run(gamma=1),
        'drift-128-gamma-0.3': Run(gamma=0.3),
        'drift-64': DRIFT_64,
        'drift-64-2e-4': replace(DRIFT_64, lr=2e-4),
        'drift-64-6e-4': replace(DRIFT_64, lr=6e-4),
        'drift-64-1e-3': replace(DRIFT_64, lr=1e-3),
        'drift-64-batch-128': replace(DRIFT_64, batch=128),
        'drift-64-8-tries': replace(DRIFT_64, tries=8),
        'drift-64-gamma-1': replace(DRIFT_64, gamma=1),
        'drift-64-all-turns': replace(DRIFT_64, turns='all'),
        'drift-64-in-order': replace(DRIFT_64, shuffled=False),
        'drift-32': Run(prompts=32),
        'rft-128': Run(method='rft'),
        'sft-128': Run(method='sft'),
        'grpo-184': GRPO,
        'grpo-160': replace(GRPO, prompts=160),
        'grpo-128': replace(GRPO, prompts=128),
        'grpo-184-3e-4': replace(GRPO, lr=3e-4),
        'grpo-184-lambda-0': replace(GRPO, penalty=0),
        'grpo-184-two-prompts': replace(GRPO, batch=32, lr=1e-4),
    },
    'boxes': {
        'drift-beta-0.03': BETA_003,
        'drift-beta-0.1': BOXES,
        'drift-beta-0.5': BETA_05,
        'drift-beta-0.03-lambda-0': replace(BETA_003, penalty=0),
        'drift-beta-0.1-lambda-0': replace(BOXES, penalty=0),
        'drift-beta-0.5-lambda-0': replace(BETA_05, penalty=0),
        'drift-beta-0.03-in-order': replace(BETA_003, shuffled=False),
        'drift-beta-0.1-in-order': replace(BOXES, shuffled=False),
        'drift-beta-0.5-in-order': replace(BETA_05, shuffled=False),
        'drift-beta-0.03-by-weights': replace(BETA_003, by_weights=True),
        'drift-beta-0.1-by-weights': replace(BOXES, by_weights=True),
        'drift-beta-0.5-by-weights': replace(BETA_05, by_weights=True),
        'drift-beta-0.03-no-clip': replace(BETA_003, clip=math.inf),
        'drift-beta-0.03-all-turns': replace(BETA_003, turns='all'),
        'drift-beta-0.1-all-turns': replace(BOXES, turns='all'),
        'drift-gamma-1': GAMMA_1,
        'drift-gamma-1-beta-0.03': replace(GAMMA_1, beta=0.03),
        'drift-gamma-1-beta-0.5': replace(GAMMA_1, beta=0.5),
        'drift-gamma-1-all-turns': replace(GAMMA_1, turns='all'),
        'sft': replace(BOXES, method='sft'),
        'rft': replace(BOXES, method='rft'),
    },
}


def read_rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Rows:
    """The file of rows: which it has, and new ones at its end."""

    def __init__(self, path):
        self.path = path
        self.known = {self.key(row) for row in read_rows(path)}

    @staticmethod
    def key(row):
        names = ('task', 'model', 'table', 'thinkers', 'reference', 'run', 'seed')
        return tuple(row.get(name) for name in names)

    def missing(self, names):
        return self.key(names) not in self.known

    def add(self, names, measures):
        rounded = {k: round(v, 5) if isinstance(v, float) else v for k, v in measures.items()}
        line = json.dumps({**names, **rounded}, separators=(',', ':'))
        with self.path.open('a') as file:
            file.write(line + '\n')
        print(line, flush=True)


def reference_of(task, names, folder):
    """The reference of names, from its file or trained and kept there."""
    path = folder / ('-'.join(str(name) for name in names.values()) + '.pt')
    model = Model(names['model'], task.vocabulary)
    if path.exists():
        model.load_state_dict(torch.load(path))
    else:
        folder.mkdir(parents=True, exist_ok=True)
        model = pretrain(task, names['model'], names['reference'])
        torch.save(model.state_dict(), path)
    return model


def make(task, names, runs, seeds, rows):
    """The rows of one reference: its own, and those of its runs with each seed."""
    number = names['reference']
    reference = reference_of(task, names, rows.path.parent / 'references')
    if rows.missing({**names, 'run': 'reference'}):
        rows.add({**names, 'run': 'reference'}, evaluate(reference, task, number))
    for seed in seeds:
        run_seed, episodes = 100 * number + seed, None
        for name in runs:
            run, row = RUNS[task.name][name], {**names, 'run': name, 'seed': seed}
            if not rows.missing(row):
                continue
            if run.method == 'grpo':
                policy, measures = grpo(reference, task, run, run_seed)
            else:
                episodes = episodes or rollout(reference, task, run_seed, number, seed)
                policy, measures = fine_tune(reference, task, run, episodes, run_seed)
            rows.add(row, {**measures, **evaluate(policy, task, number)})


def rollout(reference, task, run_seed, number, seed):
    """The episodes that all runs of a reference and seed share, as far as they use them."""
    prompts = task.pool.take('train', {'facts': 128, 'boxes': 256}[task.name], run_seed)
    return play(reference, task, prompts, 16, generator_of(number * 1000 + seed * 17 + 3))


def short(value: float, digits=3) -> str:
    return f'{value:.{digits}f}'.removeprefix('0')


def spread(values: list[float]) -> str:
    mean, std = statistics.mean(values), statistics.pstdev(values)
    return f'{short(mean)} ± {short(std)} ({short(min(values), 2)}–{short(max(values), 2)})'


def print_table(task: str, rows: list[dict]) -> None:
    """A Markdown table of rows: mean ± population std, the range in brackets."""
    habit = {'facts': 'thinks', 'boxes': 'marked'}[task]
    measures = ('greedy_5', 'sampled_5', f'{habit}_sampled')
    shares = ('first_turn_weight', 'wrong_weight', 'ess')
    header = [task, *measures, *shares, 'runs']
    print('', f'| {" | ".join(header)} |', '| --- ' * len(header) + '|', sep='\n')
    groups = {}
    for row in rows:
        name = [row['run'], '' if row['model'] == 'gpt' else row['model']]
        name += [f'table {row["table"]}' if row.get('table') else '']
        name += [f'thinkers {row["thinkers"]}' if 'thinkers' in row else '']
        groups.setdefault(', '.join(part for part in name if part), []).append(row)
    for name, group in groups.items():
        cells = [spread([row[measure] for row in group]) for measure in measures]
        for share in shares:
            values = [row[share] for row in group if share in row]
            cells.append(short(statistics.mean(values)) if values else '–')
        print(f'| {" | ".join([name, *cells, str(len(group))])} |')


def print_means(rows: list[dict], count: int, draws=20_000):
    """What a mean of a few references comes to, drawn with replacement, with one run of each."""
    rng, references = random.Random(0), {}
    for row in rows:
        references.setdefault(row['reference'], []).append(row)
    groups = list(references.values())
    for measure in ('greedy_5', 'sampled_5'):
        values = [[row[measure] for row in group] for group in groups]
        means = sorted(
            statistics.mean(rng.choice(rng.choice(values)) for _ in range(count))
            for _ in range(draws)
        )
        points = ((share, means[round(share * (draws - 1))]) for share in (0, 0.025, 0.5, 0.975, 1))
        print(measure, ', '.join(f'{share:.1%}: {short(mean)}' for share, mean in points))
        runs = min(len(group) for group in values)
        if runs > 1:
            within = statistics.mean(statistics.variance(group) for group in values)
            between = statistics.variance(statistics.mean(group) for group in values)
            between = math.sqrt(max(0, between - within / runs))
            print(f'  between references ± {short(between)}, within ± {short(math.sqrt(within))}')


def numbers(text: str) -> list[int]:
    """0-3,7 as [0, 1, 2, 3, 7]."""
    ends = [part.split('-') for part in text.split(',')]
    return [n for end in ends for n in range(int(end[0]), int(end[-1]) + 1)]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest='command', required=True)
    for task, runs in RUNS.items():
        command = commands.add_parser(task, help=f'make rows of {task}')
        command.add_argument('--list', action='store_true', help='show the runs and stop')
        command.add_argument('--references', type=numbers, default=[0], help='seeds, as 0-7')
        command.add_argument('--runs', type=lambda text: text.split(','), default=list(runs))
        command.add_argument('--seeds', type=numbers, default=[0], help='of the runs, as 0,1')
        command.add_argument('--model', choices=('gpt', 'gpt-32', 'llama'), default='gpt')
        command.add_argument('--out', type=Path, default=Path('rows.jsonl'))
        if task == 'facts':
            command.add_argument('--table', type=int, default=0, help='of misremembered sums')
            command.add_argument('--thinkers', type=float, help='share of the corpus that thinks')
    table = commands.add_parser('table', help='mean ± population std (range) of each run')
    means = commands.add_parser('means', help='how far means of a few references scatter')
    for command in (table, means):
        command.add_argument('file', type=Path)
    means.add_argument('task', choices=RUNS)
    means.add_argument('run')
    means.add_argument('--count', type=int, default=5, help='references in a mean')
    options = parser.parse_args()
    unknown = [name for name in getattr(options, 'runs', []) if name not in RUNS[options.command]]
    if unknown:
        parser.error(f'{options.command} has no run {", ".join(unknown)}; --list shows them')
    return options


def main():
    torch.set_num_threads(1)
    options = parse_arguments()
    if options.command == 'table':
        rows = read_rows(options.file)
        for task in dict.fromkeys(row['task'] for row in rows):
            print_table(task, [row for row in rows if row['task'] == task])
    elif options.command == 'means':
        wanted = (options.task, options.run, 'gpt')
        rows = [r for r in read_rows(options.file) if (r['task'], r['run'], r['model']) == wanted]
        rows = [row for row in rows if not row.get('table') and 'thinkers' not in row]
        if not rows:
            sys.exit(f'{options.file} has no rows of {options.task} {options.run}.')
        print_means(rows, options.count)
    elif options.list:
        for name, run in RUNS[options.command].items():
            print(name, run)
    else:
        facts = options.command == 'facts'
        rare = {'thinkers': options.thinkers} if facts and options.thinkers is not None else {}
        task, rows = Facts(options.table, **rare) if facts else Boxes(), Rows(options.out)
        for number in options.references:
            names = {'task': task.name, 'model': options.model}
            names |= {'table': options.table} if facts else {}
            names |= rare
            make(task, names | {'reference': number}, options.runs, options.seeds, rows)


if __name__ == '__main__':
    main()
