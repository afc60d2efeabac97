import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { dnsDiscovery } from '../../../src/discovery/dns-discovery.ts';
import { pollingDiscovery } from '../../../src/discovery/polling-discovery.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { codeBlocks, codeIn, everyPage, type Page, prose, readPage, repository } from './markdown.ts';

const readme = readPage('README.md');

/** Commands that are not scripts of ours. */
const KNOWN_COMMANDS = new Set(['npm install holdfast', 'npm ci', 'node first.mjs']);

const shellLines = codeBlocks(readme)
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'));
const commandsInProse = codeIn(prose(readme)).filter(code => /^(?:npm|npx|node) /.test(code));

test.each([...new Set([...shellLines, ...commandsInProse])])('the command "%s" exists', command => {
  const script = /^npm (?:run )?([\w:]+)(?: -- .*)?$/.exec(command)?.[1] ?? '';
  expect(KNOWN_COMMANDS.has(command) || Object.hasOwn(manifest.scripts, script), command).toBe(true);
});

test.each([...everyPage(), readPage('CHANGELOG.md')])('every link in $path leads somewhere', page => {
  for (const link of linksOf(page)) {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page.url : new URL(path, page.url);
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
  }
});

describe('what the README calls not available yet', () => {
  const section = readme.text.split('## Not available yet')[1]?.split('\n## ')[0] ?? '';
  const refused = /not available yet/;
  const refusals: Readonly<Record<string, () => unknown>> = {
    hedge: () => resolveOptions({ name: 'users', baseUrl: 'http://users', hedge: { delayMs: 10 } }),
    dnsDiscovery: () => dnsDiscovery({ hostname: 'users', type: 'A', intervalMs: 1_000 }),
    pollingDiscovery: () => pollingDiscovery({ intervalMs: 1_000, resolve: () => [] }),
  };

  test.each(Object.entries(refusals))('%s is refused, as long as it is listed', (name, use) => {
    if (section.includes(`\`${name}\``)) expect(use).toThrow(refused);
    else expect(use).not.toThrow(refused);
  });

  test('entry points are absent from the exports, as long as they are listed', () => {
    const entryPoints = codeIn(section).filter(code => code.startsWith('holdfast/'));
    const exported = Object.keys(manifest.exports);
    expect(entryPoints.filter(name => exported.includes(name.replace('holdfast', '.')))).toEqual([]);
  });
});

function linksOf(page: Page): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !target.startsWith('https://'));
}

/** As GitHub makes them of headings. */
function anchorsOf(file: URL): string[] {
  const page = readPage(file.href.slice(repository.href.length));
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
