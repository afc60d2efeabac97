const EVERY_MS = 20;

/** Watches the memory of this process; `take` tells the most it was since it was last asked, in MiB. */
export function watchPeakMemory(): { take(): number } {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  setInterval(look, EVERY_MS).unref();
  return {
    take() {
      look();
      const most = peak;
      peak = 0;
      return most / 2 ** 20;
    },
  };
}
