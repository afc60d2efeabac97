import { isFramingHeader, isHeaderValue } from './header-rules.ts';
import { isToken } from './option-rules.ts';
import { isPlainObject } from './plain-object.ts';
import { isProbePath } from './probe-path.ts';

/** Which version of the service's protocol is asked for, and how. */
export type VersionOptions =
  | {
      /** Name of the header, such as `accept-version`. */
      readonly header: string;
      readonly value: string;
    }
  | {
      /** Put between the endpoint's base path and the call's path, such as `/v2`. */
      readonly pathPrefix: string;
    };

export function isVersion(value: unknown): value is VersionOptions {
  if (!isPlainObject(value)) return false;
  const { header, value: asked, pathPrefix, ...others } = value;
  if (Object.keys(others).length > 0) return false;
  if (pathPrefix === undefined) {
    return (
      isToken(header) &&
      !isFramingHeader(header.toLowerCase()) &&
      isHeaderValue(header, asked) &&
      asked !== ''
    );
  }
  const isPrefix = isProbePath(pathPrefix) && !pathPrefix.includes('?') && bare(pathPrefix) !== '';
  return isPrefix && header === undefined && asked === undefined;
}

/** What goes before the path of every call: with a leading slash and without a trailing one. */
export function versionPrefix(version: VersionOptions | undefined): string {
  return version !== undefined && 'pathPrefix' in version ? `/${bare(version.pathPrefix)}` : '';
}

function bare(prefix: string): string {
  return prefix.replace(/^\/+|\/+$/g, '');
}
