/* The typemaps of Go, for the package motet/internal/raw. C mode: whoever builds the module needs no C++ compiler.
 * Knows how a C value crosses cgo: handles as uintptr, bytes as slices that are read or filled during the call.
 * Must never know what a value means: errors, ownership and lifetimes are the hand-written package's.
 */
%module raw

/* A handle is a number to Go: it never follows it, and the collector never looks at it. */
%define %handle(TYPE)
%typemap(gotype) TYPE *, const TYPE * "uintptr"
%typemap(gotype) TYPE ** "*uintptr"
%enddef

%handle(motet_batch_t)
%handle(motet_bytes_t)
%handle(motet_cluster_state_t)
%handle(motet_config_t)
%handle(motet_dispatcher_t)
%handle(motet_error_t)
%handle(motet_future_t)
%handle(motet_message_t)
%handle(motet_peers_t)
%handle(motet_props_t)
%handle(motet_ref_t)
%handle(motet_span_t)
%handle(motet_system_t)

/* Bytes in: C reads the slice during the call and copies what it keeps. */
%typemap(gotype) (const uint8_t *data, size_t size), (const uint8_t *trace, size_t trace_size) "[]byte"
%typemap(in) (const uint8_t *data, size_t size), (const uint8_t *trace, size_t trace_size) %{
  $1 = (uint8_t *)$input.array;
  $2 = (size_t)$input.len;
%}

/* Text and bytes out: C fills the slice during the call. */
%typemap(gotype) (char *buffer, size_t capacity), (uint8_t *buffer, size_t capacity) "[]byte"
%typemap(in) (char *buffer, size_t capacity), (uint8_t *buffer, size_t capacity) %{
  $1 = ($1_ltype)$input.array;
  $2 = (size_t)$input.len;
%}

/* Memory of the library, to be read through unsafe.Slice as long as its owner lives. */
%typemap(gotype) const uint8_t * "*byte"

/* The codes are constants of the hand-written package; SWIG would make them variables, filled by a call each,
 * so the header's guard says that it has been read. */
#define MOTET_CODES_H

/* The text that may be absent: "" is none. */
%typemap(in) const char *name, const char *address {
  if ($input.n > 0) {
    $1 = (char *)malloc($input.n + 1);
    memcpy($1, $input.p, $input.n);
    $1[$input.n] = '\0';
  }
}
%typemap(freearg) const char *name, const char *address "free($1);"

%include "motet.i"
