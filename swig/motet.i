/* The C interface as SWIG sees it: the headers themselves, less what a language without C callbacks cannot use.
 * Knows what is the same in all languages: names, and what is left out.
 * Must never know a language: its module file motet_<language>.i names the module, defines the typemaps for
 *
 *   motet_error_t *                             result: becomes an exception or an error value, and is freed
 *   motet_X_t **out                             result: becomes the value that the call returns
 *   uint64_t *task                              the same
 *   (const uint8_t *data, size_t size)          bytes in
 *   (const uint8_t *trace, size_t trace_size)   bytes in
 *   (char *buffer, size_t capacity)             text out; the result is the length that was wanted
 *   (uint8_t *buffer, size_t capacity)          bytes out
 *
 * and then includes this file. There are no directors: deliveries are polled.
 */
%begin %{
#include <motet/motet.h>
%}

%include <stdint.i>

/* ref_tell for motet_ref_tell, E_TIMEOUT for MOTET_E_TIMEOUT. */
%rename("%(strip:[motet_])s", %$isfunction) "";
%rename("%(strip:[MOTET_])s", %$isconstant) "";

/* Handlers in C: function pointers and the context that only they are given. */
%ignore motet_props_new;
%ignore motet_props_state;
%ignore motet_future_then;
/* What the languages above do not use yet. */
%ignore motet_ref_graceful_stop;
%ignore motet_system_resolve;
%ignore motet_system_publish;
%ignore motet_ref_child;
%ignore motet_ref_children;
%ignore motet_future_poll;
%ignore motet_future_wait_for;
%ignore motet_future_pipe;
%ignore motet_shutdown_add;
%ignore motet_utf8_valid;
/* Callbacks. */
%ignore motet_cluster_on_up;
%ignore motet_cluster_on_removed;
%rename("$ignore", regextarget=1, %$isfunction) "^motet_context_";

/* The record of a batch is read by its documented layout, not field by field through accessors. */
%ignore motet_delivery;
%warnfilter(314) motet_delivery::self;
%warnfilter(314) motet_delivery::type;

%include <motet/export.h>
%include <motet/codes.h>
%include <motet/error.h>
%include <motet/version.h>
%include <motet/config.h>
%include <motet/system.h>
%include <motet/ref.h>
%include <motet/message.h>
%include <motet/codec.h>
%include <motet/ask.h>
%include <motet/actor.h>
%include <motet/router.h>
%include <motet/dispatcher.h>
%include <motet/shutdown.h>
%include <motet/cluster.h>
%include <motet/remoting.h>
%include <motet/keys.h>
%include <motet/trace.h>
