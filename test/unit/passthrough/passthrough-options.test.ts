import { expect, test } from 'vitest';
import { optionIssues, type PassthroughOptions } from '../../../src/passthrough/passthrough-options.ts';

const issuesOf = (options: object) => optionIssues(options as PassthroughOptions);

test('every option in its right form is fine, and undefined counts as absent', () => {
  expect(
    issuesOf({
      path: () => '/x',
      headers: { 'x-a': '1', 'x-b': ['2', '3'], 'x-c': undefined },
      dropRequestHeaders: ['cookie'],
      responseHeaders: {},
      dropResponseHeaders: [],
      resume: false,
      trustForwarded: true,
      expectContinue: true,
      signal: new AbortController().signal,
      deadline: new Date(),
      context: { requestId: 'r' },
      onError: 'throw',
    }),
  ).toEqual([]);
  expect(issuesOf({ path: undefined, resume: undefined })).toEqual([]);
});

test.each([
  [{ tiemout: 1 }, 'tiemout', 'unknown option'],
  [{ constructor: 1 }, 'constructor', 'unknown option'],
  [{ resume: 3 }, 'resume', 'expected true, false or { maxResumes }, got 3'],
  [{ resume: { maxResumes: -1 } }, 'resume', 'maxResumes: expected a whole number from 0 to 100, got -1'],
  [{ path: 7 }, 'path', 'expected a string or a function, got 7'],
  [{ headers: [] }, 'headers', 'expected an object of names and values, got an array'],
  [{ headers: { 'x-a': 1 } }, 'headers', 'x-a: expected a string or an array of strings, got 1'],
  [{ headers: { 'bad name': '1' } }, 'headers', 'has a name that is not a valid header name'],
  [{ headers: { 'x-a': 'a\r\nb' } }, 'headers', 'x-a has a character that no header value may have'],
  [{ headers: { Host: 'evil' } }, 'headers', 'Host cannot be set: it belongs to the connection'],
  [
    { responseHeaders: { 'Content-Length': '1' } },
    'responseHeaders',
    'Content-Length cannot be set: it belongs to the connection',
  ],
  [{ dropRequestHeaders: 'cookie' }, 'dropRequestHeaders', 'expected an array of header names, got a string'],
  [{ trustForwarded: 'yes' }, 'trustForwarded', 'expected true or false, got a string'],
  [{ expectContinue: 1 }, 'expectContinue', 'expected true or false, got 1'],
  [{ signal: {} }, 'signal', 'expected an AbortSignal, got an object'],
  [{ deadline: 'soon' }, 'deadline', 'expected epoch milliseconds or a Date, got a string'],
  [
    { deadline: new Date(Number.NaN) },
    'deadline',
    'expected epoch milliseconds or a Date, got an invalid Date',
  ],
  [{ context: 'x' }, 'context', 'expected an object, got a string'],
  [{ onError: 'ignore' }, 'onError', 'expected "respond" or "throw", got a string'],
  [{ trustForwraded: true }, 'trustForwraded', 'unknown option, did you mean "trustForwarded"?'],
])('%o is refused', (options, path, message) => {
  expect(issuesOf(options)).toEqual([{ path, message }]);
});
