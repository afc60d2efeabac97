/** The part of http-proxy that the benchmark uses; the package ships no types. */
declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http';

  interface ProxyServer {
    web(req: IncomingMessage, res: ServerResponse, options: object, onError: (error: Error) => void): void;
  }
  const proxies: { createProxyServer(options: { target: string; agent: Agent }): ProxyServer };
  export default proxies;
}
