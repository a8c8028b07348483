// The whole architecture in one table: what each folder of src/ may import besides itself.
const MAY_IMPORT = {
  shared: [],
  config: ['shared', 'data', 'method'], // of these only the lists, see below
  data: ['shared', 'config'],
  method: ['shared', 'config'],
  formats: ['shared', 'config'],
  gpu: ['shared'],
  kernels: ['shared', 'gpu'],
  model: ['shared', 'config', 'gpu', 'kernels'],
  training: ['shared', 'config', 'data', 'method', 'formats', 'gpu', 'kernels', 'model'],
  workers: ['shared', 'config', 'data', 'method', 'formats', 'training'],
  cli: ['shared', 'config', 'data', 'method', 'formats', 'training'],
  state: ['shared', 'config', 'data', 'method', 'formats', 'workers'],
  ui: ['shared', 'config', 'state'],
};

const TESTS = '\\.(test|bench)\\.tsx?$|/testing/';

const layers = Object.entries(MAY_IMPORT).map(([layer, below]) => ({
  name: `${layer}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: TESTS },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...below].join('|')})/` },
}));

/** `target` may be imported by files matching `owner` and by nobody else. */
const ownedBy = (name, target, owner) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: owner },
  to: { path: target },
});

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'bench-measures-the-engine',
      comment: 'What a user of the engine would call, and nothing of the page or the command line.',
      severity: 'error',
      from: { path: '^bench/', pathNot: TESTS },
      to: { path: '^src/', pathNot: '^src/(shared|config|data|gpu|kernels|model|training)/' },
    },
    {
      name: 'nothing-imports-the-benchmark',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^bench/|node_modules/@jax-js/' },
    },
    {
      name: 'state-uses-the-worker-door',
      severity: 'error',
      from: { path: '^src/state/', pathNot: TESTS },
      to: { path: '^src/workers/', pathNot: '^src/workers/(contract|\\w+Client)\\.ts$' },
    },
    {
      name: 'config-knows-only-the-lists-of-tasks-and-methods',
      severity: 'error',
      from: { path: '^src/config/', pathNot: TESTS },
      to: {
        path: '^src/(data|method)/',
        pathNot: '^src/(data/tasks|method/coefficients)/registry\\.ts$',
      },
    },
    {
      name: 'tasks-know-nothing-of-the-settings',
      severity: 'error',
      from: { path: '^src/data/(tasks/|task\\.ts|picture\\.ts)', pathNot: TESTS },
      to: { path: '^src/config/', pathNot: '^src/config/taskSpec\\.ts$' },
    },
    ownedBy('references-do-not-ship', '\\.ref\\.ts$|^src/.*/testing/', `\\.ref\\.ts$|${TESTS}`),
    ownedBy('wgsl-belongs-to-kernels', '^shaders/', '^src/(gpu|kernels)/'),
    ownedBy('comlink-belongs-to-workers', 'node_modules/comlink', '^src/workers/'),
    ownedBy('zustand-belongs-to-state', 'node_modules/zustand', '^src/state/'),
    ownedBy('one-file-knows-the-plotter', 'node_modules/uplot', '^src/ui/charts/linePlot\\.ts$'),
    ownedBy('one-file-loads-dawn', 'node_modules/webgpu/', '^src/shared/dawn\\.ts$'),
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports count too
    doNotFollow: { path: 'node_modules' },
  },
};
