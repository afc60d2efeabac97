const LOOK_EVERY_MS = 500;

/** Tells once, and why, when somebody wants this process to end; a second signal does not ask any more. */
export function onAskedToEnd(listener: (why: string) => void): void {
  let asked = false;
  const ask = (why: string) => {
    if (asked) process.exit(130);
    asked = true;
    listener(why);
  };
  process.on('SIGINT', ask).on('SIGTERM', ask);
  if (process.env.npm_lifecycle_event === undefined) return;
  // A SIGTERM for `npm start` ends npm and its shell, which does not pass it on: all that is seen here is another parent.
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    ask('npm is gone');
  }, LOOK_EVERY_MS).unref();
}
