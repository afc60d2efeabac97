/** Answers each message of the parent with what `obey` makes of it; a failure ends the process. */
export function answerOrders<Order>(obey: (order: Order) => Promise<object>, ready: unknown): void {
  process.on('message', (order: Order) => {
    obey(order).then(
      answer => process.send?.(answer),
      (error: unknown) => {
        console.error(...process.argv.slice(2), error);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(ready);
}
