/** The events of a `text/event-stream`, each as soon as it is there. */
export async function* eventsOf({ body }: Response): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (text + chunk).split('\n\n');
    text = events.pop() ?? '';
    yield* events;
  }
}
