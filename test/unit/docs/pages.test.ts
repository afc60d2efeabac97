import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/errors/issue.ts';
import { checkCallOptions } from '../../../src/request/check-call-options.ts';
import type { ClientEventMap, ClientEventName } from '../../../src/telemetry/client-events.ts';
import { EVENT_NAMES } from '../../../src/telemetry/event-names.ts';
import { logEvents } from '../../../src/telemetry/log-events.ts';
import {
  codeBlocks,
  codeIn,
  everyPage,
  headings,
  prose,
  readPage,
  repository,
  tableWith,
} from './markdown.ts';

const OUTLINE = ['About', 'Usage', 'Defaults', 'Events', 'Diagram', 'Patterns', 'Anti-patterns'];
const numbered = everyPage().filter(({ path }) => /^docs\/\d\d-/.test(path));
const decisions = everyPage().filter(({ path }) => path.startsWith('docs/decisions/'));

test.each(numbered)('$path follows the outline', page => {
  expect(headings(page).filter(title => OUTLINE.includes(title))).toEqual(OUTLINE);
});

test.each(decisions)('$path says context, decision and consequences', page => {
  expect(headings(page)).toEqual(['Context', 'Decision', 'Consequences']);
});

test('the index leads to every page, in order', () => {
  const links = [...readPage('docs/README.md').text.matchAll(/\]\(([\w/-]+\.md)\)/g)].map(
    ([, link]) => `docs/${link}`,
  );
  expect(links).toEqual([...numbered, ...decisions].map(({ path }) => path));
});

test.each(everyPage())('$path names only events that exist', page => {
  const named = codeIn(prose(page)).filter(code =>
    /^(?:call|attempt|retry|hedge|bulkhead|stream|circuit|endpoint|probe|discovery):[a-z-]+$/.test(code),
  );
  expect(named.filter(name => !EVENT_NAMES.includes(name as ClientEventName))).toEqual([]);
});

test('the stages are those of the pipeline, in its order', () => {
  const stages = tableWith(readPage('docs/01-life-of-a-call.md'), 'stage', 'per').rows.map(
    ({ stage = '' }) => codeIn(stage)[0] ?? '',
  );
  expect(stages).toEqual(['normalizeRequest', ...stagesOfThePipeline()]);
  const diagram = codeBlocks(readPage('README.md')).find(({ text }) => text.includes('report call'));
  const drawn = [...(diagram?.text ?? '').matchAll(/^[ │├└─]+([a-z]+(?: [a-z]+)*)/gm)].map(
    ([, words]) => words,
  );
  expect(drawn.filter(words => words !== 'users')).toEqual(
    stages.map(stage => stage.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)),
  );
});

test('the picture of a call shows the same stages', () => {
  const picture = readFileSync(new URL('docs/pictures/life-of-a-call.svg', repository), 'utf8');
  const drawn = [...picture.matchAll(/<text class="stage"[^>]*>([^<]+)</g)].map(([, words]) => words);
  expect(drawn).toEqual(
    ['normalizeRequest', ...stagesOfThePipeline()].map(stage =>
      stage.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`),
    ),
  );
});

test('every picture is there, and is shown with words for those who cannot see it', () => {
  const shown = everyPage().flatMap(({ text }) => [
    ...text.matchAll(/!\[([^\]]*)\]\((pictures\/[\w.-]+)\)/g),
  ]);
  for (const [, words] of shown) expect(words).toMatch(/\w+ \w+/);
  const pictures = readdirSync(new URL('docs/pictures/', repository)).map(name => `pictures/${name}`);
  expect([...new Set(shown.map(([, , path]) => path))].sort()).toEqual(pictures.sort());
});

/** From the outside in: the source puts them together from the inside out, one statement for each level. */
function stagesOfThePipeline(): string[] {
  const source = readFileSync(new URL('src/pipeline/assemble-pipeline.ts', repository), 'utf8');
  const [imports = '', body = ''] = source.split('export function');
  const names = [...imports.matchAll(/^import \{ (\w+)(?:, \w+)* \}/gm)].map(([, name = '']) => name);
  const stages = names.filter(name => !['bridge', 'versionPrefix'].includes(name));
  const levels = body.split(/^ {2}(?:const|return) /m).slice(1);
  return levels.reverse().flatMap(level => level.match(/\w+/g)?.filter(word => stages.includes(word)) ?? []);
}

test('every call option listed is one, and none is missing', () => {
  const { rows } = tableWith(readPage('docs/01-life-of-a-call.md'), 'option', 'meaning');
  const listed = rows.map(row => codeIn(row.option ?? '')[0] ?? '');
  const unknown = (name: string) => {
    const issues: Issue[] = [];
    checkCallOptions({ [name]: null }, 'buffered', issues);
    return issues.some(({ message }) => message.startsWith('unknown option'));
  };
  expect(listed.filter(unknown)).toEqual([]);
  const typed =
    readFileSync(new URL('src/request/call-options.ts', repository), 'utf8').split(
      '/** Options of one streamed',
    )[0] ?? '';
  const declared = [...typed.matchAll(/^ {2,6}(\w+)\??: (?!undefined)/gm)].map(([, name = '']) => name);
  expect(listed.sort()).toEqual([...new Set(declared)].sort());
});

describe('the table of events', () => {
  const { rows } = tableWith(readPage('docs/08-events-and-logs.md'), 'event', 'further fields', 'logged as');

  test('lists every event', () => {
    expect(rows.map(row => codeIn(row.event ?? '')[0]).sort()).toEqual([...EVENT_NAMES].sort());
  });

  test.each(rows)('names the fields of $event', ({ event = '', 'further fields': fields = '' }) => {
    const { always, sometimes } = fieldsOf(codeIn(event)[0] ?? '');
    const named = codeIn(fields);
    expect(named).toEqual(expect.arrayContaining(always));
    expect([...always, ...sometimes]).toEqual(expect.arrayContaining([...named]));
  });

  test.each(rows)('says how $event is logged', ({ event = '', 'logged as': loggedAs = '' }) => {
    const levels = levelsOf(codeIn(event)[0] as ClientEventName);
    expect(levels.filter(level => !loggedAs.includes(level))).toEqual([]);
    if (levels.length === 0) expect(loggedAs).toBe('–');
  });
});

const eventsSource = readFileSync(new URL('src/telemetry/client-events.ts', repository), 'utf8');

/** The fields of an event's payload beside those that all events, all of a call, or all of an attempt have. */
function fieldsOf(name: string): { always: string[]; sometimes: string[] } {
  const always: string[] = [];
  const sometimes: string[] = [];
  const ofAll = ['BaseEvent', 'CallEvent', 'AttemptEvent'];
  let type = new RegExp(`'${name}': (\\w+);`).exec(eventsSource)?.[1] ?? 'no such event';
  while (!ofAll.includes(type)) {
    const found = new RegExp(`interface ${type} extends (\\w+) \\{([^}]*)\\}`).exec(eventsSource);
    const [, parent = 'BaseEvent', body = ''] = found ?? [];
    for (const [, field = '', optional] of body.matchAll(/readonly (\w+)(\?)?:/g)) {
      (optional === undefined ? always : sometimes).push(field);
    }
    type = parent;
  }
  return { always, sometimes };
}

/** The levels at which an event is logged, going by all its outcomes. */
function levelsOf(name: ClientEventName): string[] {
  const levels = new Set<string>();
  const log = (level: string) => () => void levels.add(level);
  const listeners = new Map<ClientEventName, (event: never) => void>();
  const events = {
    on<Name extends ClientEventName>(on: Name, listener: (event: ClientEventMap[Name]) => void) {
      listeners.set(on, listener);
      return () => undefined;
    },
  };
  logEvents(events, { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') });
  const common = {
    service: 'users',
    at: 0,
    method: 'GET',
    context: {},
    endpoint: 'http://users',
    attempts: [],
  };
  for (const outcome of ['success', 'failure', 'aborted', 'response', 'error']) {
    for (const refused of ['attempts-spent', 'budget-spent', 'not-retryable']) {
      listeners.get(name)?.({ ...common, outcome, refused } as never);
    }
  }
  return [...levels];
}
