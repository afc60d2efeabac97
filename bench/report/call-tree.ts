import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A function on the stack, with the time that was spent in it. */
export interface Frame {
  readonly name: string;
  /** Where it comes from: `got`, `node:http`, `holdfast`. */
  readonly group: string;
  /** `src/transport/got-transport.ts`, where it is known. */
  readonly file: string;
  readonly selfUs: number;
  readonly totalUs: number;
  readonly callees: readonly Frame[];
}

/** Bindings and built-ins: a `write` is one. */
const NATIVE = 'native code, system calls';

/** Neither work nor a place. */
const NOT_COUNTED = new Set(['(idle)', '(root)']);

/** The call tree of a profile, without the time in which nothing was done. */
export function callTree({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Frame {
  const selfUs = new Map<number, number>();
  // A delta is the time before its sample: it belongs to the sample before.
  for (const [index, id] of samples.entries())
    selfUs.set(id, (selfUs.get(id) ?? 0) + (timeDeltas[index + 1] ?? 0));
  const byId = new Map(nodes.map(node => [node.id, node]));
  const frameOf = ({ id, callFrame, children = [] }: Profiler.ProfileNode): Frame => {
    const callees = children
      .map(child => frameOf(byId.get(child) as Profiler.ProfileNode))
      .filter(({ totalUs }) => totalUs > 0);
    const self = NOT_COUNTED.has(callFrame.functionName) ? 0 : (selfUs.get(id) ?? 0);
    const totalUs = callees.reduce((sum, callee) => sum + callee.totalUs, self);
    return { ...placeOf(callFrame), selfUs: self, totalUs, callees };
  };
  return frameOf(nodes[0] as Profiler.ProfileNode);
}

function placeOf({ functionName, url, lineNumber, columnNumber }: Profiler.ProfileNode['callFrame']) {
  const name = functionName || '(anonymous)';
  if (url === '')
    return { name, group: name === '(garbage collector)' ? 'garbage collection' : NATIVE, file: '' };
  if (url.startsWith('node:')) return { name, group: nodeModule(url), file: url };
  // The parser of undici's.
  if (url.startsWith('wasm:')) return { name, group: 'undici', file: '' };
  const [, module] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (module !== undefined) return { name, group: module, file: url.slice(url.lastIndexOf(module)) };
  if (url.includes('/bench/bench/') || /\/bench\/(processes|contestants)\//.test(url))
    return { name, group: 'the bench itself', file: '' };
  return { name, group: 'holdfast', file: sourceOf(url, lineNumber, columnNumber) };
}

const nodeModule = (url: string) => {
  const [, module = url] = /^node:(?:internal\/)?(_?[a-z]+)/.exec(url) ?? [];
  return `node:${module.replace(/^_http|^http/, 'http').replace('_', '')}`;
};

const maps = new Map<string, SourceMap>();

function sourceOf(url: string, line: number, column: number): string {
  try {
    const file = fileURLToPath(url);
    const map = maps.get(file) ?? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    maps.set(file, map);
    const entry = map.findEntry(line, column);
    return 'originalSource' in entry ? entry.originalSource.replace(/^(\.\.\/)+/, '') : '';
  } catch {
    return '';
  }
}

/** Self time of all frames, summed up by whatever `key` says. */
export function selfTimes(
  root: Frame,
  key: (frame: Frame) => string,
): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  const visit = (frame: Frame) => {
    if (frame.selfUs > 0) sums.set(key(frame), (sums.get(key(frame)) ?? 0) + frame.selfUs);
    frame.callees.forEach(visit);
  };
  visit(root);
  return [...sums].sort(([, a], [, b]) => b - a);
}
