/** One endpoint of a service: a URL, or a URL with its weight and TLS details. */
export type EndpointInit =
  | string
  | {
      /** Origin plus base path, `http:` or `https:`. */
      url: string;
      /** Share of traffic relative to the others. @defaultValue 1 */
      weight?: number | undefined;
      /** Name sent in TLS SNI and checked against the certificate. @defaultValue the URL's host */
      serverName?: string | undefined;
      /** `Host` header sent to this endpoint. @defaultValue the URL's host */
      hostHeader?: string | undefined;
    };

/** Finds the endpoints of a service and tells of every change. */
export interface EndpointDiscovery {
  /** Yields the whole set of endpoints each time it changes, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncIterable<readonly EndpointInit[]>;
}
