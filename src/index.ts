export { deadlineFrom } from './context/deadline-from.ts';
export { type ContextValues, runInContext } from './context/run-in-context.ts';
export {
  defineServices,
  type ServiceDefinition,
  type Services,
  type ServicesMethods,
} from './define-services.ts';
export { type DnsDiscoveryOptions, dnsDiscovery } from './discovery/dns-discovery.ts';
export type { EndpointDiscovery, EndpointInit } from './discovery/endpoint-discovery.ts';
export { type PollingDiscoveryOptions, pollingDiscovery } from './discovery/polling-discovery.ts';
export { staticDiscovery } from './discovery/static-discovery.ts';
export type { EndpointPicker, EndpointView } from './endpoints/endpoint-picker.ts';
export type { AnyServiceClientError, ErrorCode } from './errors/any-service-client-error.ts';
export { BodyTooLargeError } from './errors/body-too-large-error.ts';
export { CircuitOpenError } from './errors/circuit-open-error.ts';
export { ClientClosedError } from './errors/client-closed-error.ts';
export { ConfigurationError } from './errors/configuration-error.ts';
export { DecodeError } from './errors/decode-error.ts';
export { InvalidRequestError } from './errors/invalid-request-error.ts';
export { isServiceClientError } from './errors/is-service-client-error.ts';
export type { Issue } from './errors/issue.ts';
export { LoopError } from './errors/loop-error.ts';
export { NetworkError, type NetworkPhase } from './errors/network-error.ts';
export { NoEndpointError } from './errors/no-endpoint-error.ts';
export { OverloadedError } from './errors/overloaded-error.ts';
export type { Problem } from './errors/problem.ts';
export { ServiceClientError } from './errors/service-client-error.ts';
export { StatusError } from './errors/status-error.ts';
export { TimeoutError, type TimeoutScope } from './errors/timeout-error.ts';
export { UnhealthyError } from './errors/unhealthy-error.ts';
export { ValidationError } from './errors/validation-error.ts';
export type { EndpointHealth, HealthReport, ServiceStatus } from './health/health-report.ts';
export type { ServicesHealth } from './health/services-health.ts';
export type {
  AddressOptions,
  AttemptInterceptor,
  AttemptRequest,
  Auth,
  AuthRequest,
  BackoffOptions,
  BulkheadOptions,
  CallInterceptor,
  CallRequest,
  CallRetryOptions,
  CircuitBreakerOptions,
  ClientSettings,
  HedgeOptions,
  InterceptedReply,
  InterceptorOptions,
  LimitsOptions,
  LoadBalancingOptions,
  NoAddress,
  PemInput,
  PoolOptions,
  ProbeOptions,
  PropagateOptions,
  RetryBudgetOptions,
  RetryContext,
  RetryOptions,
  ServiceClientOptions,
  ServiceClientOverrides,
  TimeoutOptions,
  TlsOptions,
  VersionOptions,
} from './options/client-options.ts';
export { type Environment, optionsFromEnv } from './options/from-environment.ts';
export type { Limit } from './options/resolved-options.ts';
export type { FetchFunction } from './passthrough/fetch.ts';
export type { PassthroughResult } from './passthrough/passthrough.ts';
export type { ExtraHeaders, PassthroughOptions } from './passthrough/passthrough-options.ts';
export { problemResponse } from './passthrough/problem-response.ts';
export { sendProblem } from './passthrough/send-problem.ts';
export type { ProbeRecord } from './probe/probe-state.ts';
export type {
  BodyOption,
  CallOptions,
  Fields,
  ReplayableBody,
  ReplyOptions,
  RequestHeadersInit,
  RequestOptions,
  Scalar,
  StreamBody,
  StreamOptions,
} from './request/call-options.ts';
export type { RequestBody } from './request/request-body.ts';
export type { ResumeOption } from './request/resume-option.ts';
export type {
  StandardSchemaIssue,
  StandardSchemaResult,
  StandardSchemaV1,
} from './request/standard-schema.ts';
export type { SafeCalls } from './response/safe-calls.ts';
export type { ServiceFailure, ServiceResponse, ServiceResult } from './response/service-response.ts';
export type { StreamCompletion, StreamResponse } from './response/stream-response.ts';
export type { AttemptRecord, RetryDecision, RetryRefusal } from './retry/attempt-record.ts';
export { ServiceClient } from './service-client.ts';
export type {
  AttemptEndEvent,
  AttemptEvent,
  BaseEvent,
  BulkheadEvent,
  CallDeprecatedEvent,
  CallEndEvent,
  CallEvent,
  CircuitOpenEvent,
  ClientEventMap,
  ClientEventName,
  DiscoveryFailureEvent,
  EndpointEvent,
  ProbeEvent,
  RetryRefusedEvent,
  RetryScheduledEvent,
  StreamEndEvent,
  StreamProgressEvent,
} from './telemetry/client-events.ts';
export type { Logger } from './telemetry/logger.ts';
export type { Cancellation } from './time/cancellation.ts';
export type { Clock, Timer } from './time/clock.ts';
export type { PoolSettings } from './transport/agents.ts';
export type { PlainBody, PlainReply } from './transport/plain-reply.ts';
export type { TlsSource } from './transport/tls-connections.ts';
export type {
  BodyEnd,
  BodyFlow,
  BodySink,
  ChunkListener,
  Information,
  Reply,
  ReplyBody,
  ResponseHeaders,
  Transport,
  TransportFactory,
  TransportRequest,
  TransportSettings,
} from './transport/transport.ts';
