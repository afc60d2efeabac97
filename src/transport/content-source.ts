/** Takes content as it comes. */
export interface ContentSink {
  data(chunk: Buffer): void;
  /** The content is whole; what breaks it is told elsewhere. */
  end(): void;
}

/** Content on its way to its reader. It flows from `read` on, except while paused. */
export interface ContentSource {
  /** Called once. What is here already may come before it returns. */
  read(sink: ContentSink): void;
  pause(): void;
  resume(): void;
  /** All of it, if it has come already and is no longer than `maxBytes`; it has then been read. */
  takeWhole?(maxBytes: number): readonly Buffer[] | undefined;
}
