/* Trace context: which trace a message belongs to, and spans.
 *
 * Every envelope carries a trace context in W3C terms. Inside a handler the context of the message being handled is
 * current: what the handler sends through its context belongs to the same trace, without any code for it. A context is
 * passed as MOTET_TRACE_SIZE bytes: one byte format (0), 16 bytes trace id, 8 bytes span id, one byte flags (bit 0
 * sampled, bit 1 random); a zero trace id means "none". Layout frozen. Source: W3C Trace Context, level 2.
 *
 * With the setting trace.export = "file" finished spans are written to trace.file as OTLP JSON, one object a line.
 *
 * Thread rule: a span is a single-owner value; everything else may be called from any thread.
 */
#ifndef MOTET_TRACE_H
#define MOTET_TRACE_H

#include <motet/system.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOTET_TRACE_SIZE 26
#define MOTET_TRACEPARENT_SIZE 55

typedef struct motet_span motet_span_t;

/* Starts a span named name. trace: the parent's context in MOTET_TRACE_SIZE bytes, or size 0 to start a new trace. Ends
 * with motet_span_end(). Since 0.1. */
MOTET_API MOTET_OWNED MOTET_NULLABLE motet_error_t *motet_span_start(motet_system_t *system, const char *name,
                                                                     MOTET_NULLABLE const uint8_t *trace,
                                                                     size_t trace_size, MOTET_OWNED motet_span_t **out);

/* The context to send with messages that belong to this span, MOTET_TRACE_SIZE bytes. Valid until the span ends. Since
 * 0.1. */
MOTET_API MOTET_BORROWED const uint8_t *motet_span_trace(const motet_span_t *span);

/* Adds a text attribute. Since 0.1. */
MOTET_API void motet_span_set(motet_span_t *span, const char *key, const char *value);

/* Ends and frees a span. code: MOTET_OK, or what went wrong, with an optional sentence. Since 0.1. */
MOTET_API void motet_span_end(MOTET_TAKES MOTET_NULLABLE motet_span_t *span, int32_t code,
                              MOTET_NULLABLE const char *message);

/* Writes a context as a traceparent header value and a NUL into buffer (capacity at least MOTET_TRACEPARENT_SIZE + 1).
 * Returns the length, or INVALID. Since 0.1. */
MOTET_API int64_t motet_trace_format(const uint8_t *trace, size_t trace_size, char *buffer, size_t capacity);

/* Reads a traceparent header value into buffer (capacity at least MOTET_TRACE_SIZE). Returns MOTET_TRACE_SIZE, or
 * MALFORMED; a malformed value means: start a new trace. Since 0.1. */
MOTET_API int64_t motet_trace_parse(const char *traceparent, uint8_t *buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
