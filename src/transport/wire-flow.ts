import type { ContentSink, ContentSource } from './content-source.ts';
import type { IdleLimit } from './idle-limit.ts';
import type { BodyFlow, BodySink } from './transport.ts';

export interface WireFlowSettings {
  /** Called when the reader first asks. */
  readonly open: () => ContentSource;
  readonly idle: () => IdleLimit;
  /** The content has arrived whole. */
  readonly onWhole: () => void;
  /** The reader gave up before that. */
  readonly onAbandoned: () => void;
}

/** A body on its way from the wire to its reader: the upstream is read, and its silence counted, only while the reader waits. */
export class WireFlow implements BodyFlow, ContentSink {
  readonly #settings: WireFlowSettings;
  readonly #sink: BodySink;
  #content: ContentSource | undefined;
  #idle: IdleLimit | undefined;
  #state: 'held' | 'flowing' | 'over' = 'held';

  constructor(settings: WireFlowSettings, sink: BodySink) {
    this.#settings = settings;
    this.#sink = sink;
  }

  resume(): void {
    if (this.#state !== 'held') return;
    this.#state = 'flowing';
    if (this.#content === undefined) {
      this.#content = this.#settings.open();
      this.#content.read(this);
    } else this.#content.resume();
    // Most small bodies are here whole by now, and nobody has to wait.
    if (this.#flowing) this.#await();
  }

  abandon(): void {
    if (this.#over()) this.#settings.onAbandoned();
  }

  data(chunk: Buffer): void {
    if (this.#state === 'over') return;
    if (this.#sink.data(chunk)) this.#idle?.rearm();
    else if (this.#flowing) {
      this.#state = 'held';
      this.#idle?.disarm();
      this.#content?.pause();
    }
  }

  end(): void {
    if (!this.#over()) return;
    this.#settings.onWhole();
    this.#sink.end();
  }

  /** The upstream, a limit or a cancellation broke it. */
  fail(error: unknown): void {
    if (this.#over()) this.#sink.fail(error);
  }

  /** Asked anew after every call out, which may have changed it. */
  get #flowing(): boolean {
    return this.#state === 'flowing';
  }

  #await(): void {
    this.#idle ??= this.#settings.idle();
    this.#idle.arm();
  }

  /** Whether this is its end. */
  #over(): boolean {
    if (this.#state === 'over') return false;
    this.#state = 'over';
    this.#idle?.disarm();
    return true;
  }
}
