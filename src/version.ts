/** The package's version, as in package.json; a test compares the two. */
export const VERSION = '0.1.0';

/** How the client introduces itself, unless told otherwise. */
export const USER_AGENT = `holdfast/${VERSION}`;
