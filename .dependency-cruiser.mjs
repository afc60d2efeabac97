/** What puts the concepts together: the line of a call, the client, the entry points. */
const COMPOSERS = '^src/(pipeline/|[^/]+\\.ts$|[^/]+/index\\.ts$)';

/** What puts one concept on the line: stages know the line's scopes, and what comes before and after them. */
const STAGES =
  '^src/(' +
  [
    'auth/authorize',
    'breaker/guard-circuit',
    'bulkhead/limit-concurrency',
    'deadline/enforce-deadline',
    'deprecation/notice-deprecation',
    'endpoints/pick-endpoint',
    'probe/send-probe',
    'response/(answer-call|opened-stream)',
    'retry/(retry-attempts|attempt-series|resume-attempts)',
    'transport/(buffer-body|classify-reply|follow-redirects|limit-attempt-time|send-request|write-headers)',
  ].join('|') +
  ')\\.ts$';

/** What every concept may build on. */
const FOUNDATIONS = [
  '^src/version\\.ts$',
  '^src/errors/',
  '^src/time/',
  '^src/telemetry/(event-sink|client-events|event-names)\\.ts$',
  '^src/endpoints/endpoint\\.ts$',
  '^src/transport/(transport|readable-flow)\\.ts$',
  '^src/options/',
  '^src/response/stream-response\\.ts$',
  '^src/request/(request-body|resume-option)\\.ts$',
];

/** Each of these packages is known to one file, so that it can be replaced there. */
const onlyImporter = (name, file) => ({
  name: `${name}-in-one-file`,
  severity: 'error',
  comment: `${name} is known to src/${file} alone`,
  from: { path: '^src/', pathNot: `^src/${file.replace('.', '\\.')}$` },
  to: { path: `(^|/)node_modules/${name}/` },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Cycles of types alone are harmless: nothing of them is left at run time',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'concepts-stand-alone',
      severity: 'error',
      comment: 'A concept folder builds on the foundations only; pipeline and client put concepts together',
      from: { path: '^src/([^/]+)/', pathNot: [COMPOSERS, STAGES] },
      to: { path: '^src/', pathNot: ['^src/$1/', ...FOUNDATIONS], dependencyTypesNot: ['type-only'] },
    },
    onlyImporter('got', 'transport/got-transport.ts'),
    onlyImporter('p-retry', 'retry/retry-attempts.ts'),
    onlyImporter('opossum', 'breaker/opossum-window.ts'),
    {
      name: 'undici-in-its-files',
      severity: 'error',
      comment: 'undici is an optional peer: the main entry must work without it',
      from: { path: '^src/', pathNot: '^src/transport/(undici-[^/]+|dispatcher-carrier)\\.ts$' },
      to: { path: '(^|/)node_modules/undici/' },
    },
    {
      name: 'main-entry-without-undici',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/transport/undici-', reachable: true },
    },
    {
      name: 'no-dead-files',
      severity: 'error',
      comment: 'Not reached from any entry point',
      from: { path: '^src/(index|[^/]+/index)\\.ts$' },
      to: { path: '^src/', pathNot: ['\\.d\\.ts$', '^src/(index|[^/]+/index)\\.ts$'], reachable: false },
    },
    {
      name: 'source-stays-in-source',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|bench|dist)/' },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      comment: 'What the package needs at run time must be in its dependencies',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    { name: 'nothing-missing', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
