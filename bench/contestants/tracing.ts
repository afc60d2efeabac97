import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { AttemptInterceptor, CallInterceptor } from 'holdfast';

/** Spans as a user would write them, by the OpenTelemetry API; without an SDK each of them is a no-op. */
const tracer = trace.getTracer('bench');

export const tracedCall: CallInterceptor = (request, next) =>
  tracer.startActiveSpan(`${request.method} ${request.route ?? ''}`, async span => {
    try {
      return await next(request);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });

export const tracedAttempt: AttemptInterceptor = (request, next) => {
  const attributes = {
    'http.request.method': request.method,
    'url.full': request.url,
    'http.request.resend_count': request.attempt - 1,
  };
  return tracer.startActiveSpan(request.method, { kind: SpanKind.CLIENT, attributes }, async span => {
    const headers = { ...request.headers };
    propagation.inject(context.active(), headers);
    try {
      const reply = await next({ ...request, headers });
      span.setAttribute('http.response.status_code', reply.status);
      return reply;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
};
