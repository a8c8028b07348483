// What the page loads before any worker starts: it never reaches the engine, through any chain of
// imports. Workers are entered by URL, so the search ends at them.
module.exports = {
  forbidden: [
    {
      name: 'main-thread-stays-light',
      severity: 'error',
      from: {},
      to: { path: '^src/(gpu|kernels|model|training|cli)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports count too
    doNotFollow: { path: ['node_modules', '\\.worker\\.ts$'] },
  },
};
