/* The Python module motet._native: the C interface with Python's values.
 * Knows the Python C API: a handle is a capsule that frees itself, bytes are any buffer, an error is raised.
 * Must never know actors or codecs: those are written in Python, in bindings/python/src/motet.
 *
 * The module is made with -threads, so that every wrapper lets other Python threads run. What never blocks keeps the
 * interpreter lock (%nothread): giving it away for a few nanoseconds of work would cost more, and what is written here
 * by hand touches Python objects and needs it.
 */
%module(package="motet") native

%{
#include <cstring>
#include <string>

namespace {

/* Makes the exception for (code, sentence, retriable); set by motet.errors. It belongs to one interpreter, and so does
 * the module. */
PyObject *error_factory = nullptr;
PyInterpreterState *interpreter = nullptr;

void raise_error(int32_t code, const char *message, bool retriable) {
    if (!error_factory) {
        PyErr_SetString(PyExc_RuntimeError, message);
        return;
    }
    PyObject *error = PyObject_CallFunction(error_factory, "isO", code, message, retriable ? Py_True : Py_False);
    if (!error) return;
    PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error)), error);
    Py_DECREF(error);
}

/* A handle by its pointer and the name of its type; None and NULL are one. */
PyObject *make_handle(void *pointer, const char *name, PyCapsule_Destructor destroy) {
    if (!pointer) Py_RETURN_NONE;
    return PyCapsule_New(pointer, name, destroy);
}

bool read_handle(PyObject *object, const char *name, void **pointer) {
    *pointer = nullptr;
    if (object == Py_None) return true;
    if (!PyCapsule_IsValid(object, name)) {
        PyErr_Format(PyExc_TypeError, "a %s was expected, not %R", name, object);
        return false;
    }
    *pointer = PyCapsule_GetPointer(object, name);
    return true;
}

/* The text that a function writes into (buffer, capacity), returning its whole length or a negative code. */
template <class Write> PyObject *text_from(Write write) {
    char small[512];
    int64_t length = write(small, sizeof small);
    if (length < 0) {
        raise_error(static_cast<int32_t>(length), motet_code_text(static_cast<int32_t>(length)), false);
        return nullptr;
    }
    if (length < static_cast<int64_t>(sizeof small)) return PyUnicode_DecodeUTF8(small, length, "replace");
    std::string large(static_cast<size_t>(length) + 1, '\0');
    write(large.data(), large.size());
    return PyUnicode_DecodeUTF8(large.data(), length, "replace");
}

PyObject *make_bytes(const uint8_t *data, size_t size) {
    return PyBytes_FromStringAndSize(reinterpret_cast<const char *>(data), static_cast<Py_ssize_t>(size));
}

} // namespace
%}

/* A type whose values are capsules, and how one is freed. */
%define %motet_handle(TYPE, FREE...)
%{
static void TYPE##_destroy(PyObject *capsule) {
    auto *handle = static_cast<TYPE *>(PyCapsule_GetPointer(capsule, #TYPE));
    FREE;
}
%}
%typemap(in) TYPE *, const TYPE * {
    void *pointer;
    if (!read_handle($input, #TYPE, &pointer)) SWIG_fail;
    $1 = static_cast<TYPE *>(pointer);
}
%typemap(in, numinputs=0) TYPE **out (TYPE *made = nullptr) "$1 = &made;"
%typemap(argout) TYPE **out {
    $result = SWIG_Python_AppendOutput($result, make_handle(*$1, #TYPE, TYPE##_destroy));
}
%typemap(out) TYPE * { $result = make_handle($1, #TYPE, TYPE##_destroy); }
%enddef

%motet_handle(motet_config_t, motet_config_free(handle))
%motet_handle(motet_dispatcher_t, motet_dispatcher_free(handle))
%motet_handle(motet_batch_t, motet_batch_free(handle))
%motet_handle(motet_props_t, motet_props_free(handle))
%motet_handle(motet_ref_t, motet_ref_free(handle))
%motet_handle(motet_span_t, motet_span_end(handle, MOTET_OK, nullptr))
%motet_handle(motet_cluster_state_t, motet_cluster_state_free(handle))
%motet_handle(motet_peers_t, motet_peers_free(handle))
/* Freeing a system that was not closed waits for its threads. */
%motet_handle(motet_system_t, Py_BEGIN_ALLOW_THREADS motet_system_free(handle); Py_END_ALLOW_THREADS)

%ignore motet_config_free;
%ignore motet_dispatcher_free;
%ignore motet_batch_free;
%ignore motet_props_free;
%ignore motet_ref_free;
%ignore motet_system_free;
%ignore motet_cluster_state_free;
%ignore motet_peers_free;
%ignore motet_bytes_data;
%ignore motet_bytes_size;
%ignore motet_bytes_free;
%ignore motet_error_free;

/* Bytes that come out. */
%typemap(in, numinputs=0) motet_bytes_t **out (motet_bytes_t *made = nullptr) "$1 = &made;"
%typemap(argout) motet_bytes_t **out {
    $result = SWIG_Python_AppendOutput($result, make_bytes(motet_bytes_data(*$1), motet_bytes_size(*$1)));
    motet_bytes_free(*$1);
}

/* A number that comes out. */
%typemap(in, numinputs=0) uint64_t *task (uint64_t number = 0) "$1 = &number;"
%typemap(argout) uint64_t *task {
    $result = SWIG_Python_AppendOutput($result, PyLong_FromUnsignedLongLong(*$1));
}

/* An error is raised; success leaves the result to what came out. */
%typemap(out) motet_error_t * {
    if ($1) {
        raise_error(motet_error_code($1), motet_error_message($1), motet_error_retriable($1) != 0);
        motet_error_free($1);
        SWIG_fail;
    }
    $result = SWIG_Py_Void();
}

/* Bytes in: anything with the buffer protocol, or None for no bytes. */
%typemap(in) (const uint8_t *data, size_t size) (Py_buffer view = {}) {
    if ($input != Py_None && PyObject_GetBuffer($input, &view, PyBUF_SIMPLE) < 0) SWIG_fail;
    $1 = static_cast<uint8_t *>(view.buf);
    $2 = static_cast<size_t>(view.len);
}
%typemap(freearg) (const uint8_t *data, size_t size) "PyBuffer_Release(&view$argnum);"
%apply (const uint8_t *data, size_t size) { (const uint8_t *trace, size_t trace_size) }

/* Replaced below by functions that return Python's own values, or of no use here. */
%ignore motet_system_address;
%ignore motet_ref_path;
%ignore motet_ref_retain;
%ignore motet_trace_format;
%ignore motet_trace_parse;
%ignore motet_span_trace;
%ignore motet_span_end;
%ignore motet_dispatcher_poll;
%ignore motet_batch_count;
%ignore motet_batch_stride;
%ignore motet_batch_records;
%ignore motet_batch_arena;
%ignore motet_batch_arena_size;
%ignore motet_batch_complete;
%ignore motet_message_type;
%ignore motet_message_data;
%ignore motet_message_size;
%ignore motet_message_sender;
%ignore motet_message_trace;
%ignore motet_ref_ask;
%ignore motet_future_wait;
%ignore motet_future_reply;
%ignore motet_future_free;
%ignore motet_error_code;
%ignore motet_error_message;
%ignore motet_error_retriable;
%ignore motet_dispatcher_wakeup;

/* What never blocks keeps the lock. */
%nothread motet_ref_tell;
%nothread motet_ref_equal;
%nothread motet_ref_hash;
%nothread motet_ref_watch;
%nothread motet_ref_unwatch;
%nothread motet_ref_stop;
%nothread motet_system_type;
%nothread motet_system_type_name;
%nothread motet_dispatcher_ask;
%nothread motet_dispatcher_complete;
%nothread motet_dispatcher_unhandled;
%nothread motet_shutdown_reason;

%include "motet.i"

%nothread;

%{
namespace {

/* A trace context; None for the one that says "none": its trace id, bytes 1 to 16, is zero. */
PyObject *trace_or_none(const uint8_t *trace) {
    static const uint8_t none[16] = {};
    if (std::memcmp(trace + 1, none, sizeof none) == 0) Py_RETURN_NONE;
    return make_bytes(trace, MOTET_TRACE_SIZE);
}

PyObject *ref_or_none(uint64_t pointer) {
    if (pointer == 0) Py_RETURN_NONE;
    const auto *ref = reinterpret_cast<const motet_ref_t *>(static_cast<uintptr_t>(pointer));
    return make_handle(motet_ref_retain(ref), "motet_ref_t", motet_ref_t_destroy);
}

/* (type, sender, payload, trace, self); self only with the first signal of a life, since it never changes. */
PyObject *delivery_tuple(const motet_delivery_t &delivery, const uint8_t *arena) {
    const uint64_t self = delivery.type == MOTET_TYPE_PRE_START ? delivery.self : 0;
    return Py_BuildValue("(iNNNN)", delivery.type, ref_or_none(delivery.sender),
                         make_bytes(arena + delivery.data_offset, static_cast<size_t>(delivery.data_size)),
                         trace_or_none(delivery.trace), ref_or_none(self));
}

/* (correlation, answered, type or code, sender, payload) */
PyObject *answer_tuple(const motet_delivery_t &delivery, const uint8_t *arena) {
    return Py_BuildValue("(KOiNN)", static_cast<unsigned long long>(delivery.correlation),
                         delivery.kind == MOTET_DELIVERY_REPLY ? Py_True : Py_False, delivery.type,
                         ref_or_none(delivery.sender),
                         make_bytes(arena + delivery.data_offset, static_cast<size_t>(delivery.data_size)));
}

/* Appends item, which may be NULL with an error set, and gives up its reference. */
bool append(PyObject *list, PyObject *item) {
    if (!item) return false;
    const bool done = PyList_Append(list, item) == 0;
    Py_DECREF(item);
    return done;
}

/* Sorts the records of a batch into claims, [(actor, [delivery])], answers, [answer], and tasks, [number]. */
bool read_batch(const motet_batch_t *batch, PyObject *claims, PyObject *answers, PyObject *tasks) {
    const int64_t count = motet_batch_count(batch);
    const int64_t stride = motet_batch_stride(batch);
    const uint8_t *record = motet_batch_records(batch);
    const uint8_t *arena = motet_batch_arena(batch);
    PyObject *claim = nullptr; /* borrowed from claims: the deliveries of the actor that the last record was for */
    uint64_t actor = 0;
    for (int64_t i = 0; i < count; ++i, record += stride) {
        motet_delivery_t delivery;
        std::memcpy(&delivery, record, sizeof delivery);
        if (delivery.kind == MOTET_DELIVERY_REPLY || delivery.kind == MOTET_DELIVERY_FAILURE) {
            if (!append(answers, answer_tuple(delivery, arena))) return false;
            continue;
        }
        if (delivery.kind == MOTET_DELIVERY_TASK) {
            if (!append(tasks, PyLong_FromUnsignedLongLong(delivery.correlation))) return false;
            continue;
        }
        if (delivery.kind != MOTET_DELIVERY_MESSAGE) continue;
        if (!claim || actor != delivery.actor) {
            claim = PyList_New(0);
            if (!claim) return false;
            actor = delivery.actor;
            if (!append(claims, Py_BuildValue("(KN)", static_cast<unsigned long long>(actor), claim))) return false;
        }
        if (!append(claim, delivery_tuple(delivery, arena))) return false;
    }
    return true;
}

} // namespace
%}

%inline %{
/* Polls once, without holding the lock while it waits, and returns the deliveries as (claims, answers, tasks); None when
 * the dispatcher is closed. */
PyObject *dispatcher_take(motet_dispatcher_t *dispatcher, motet_batch_t *batch, int64_t max, int64_t timeout_ms) {
    int64_t count;
    Py_BEGIN_ALLOW_THREADS count = motet_dispatcher_poll(dispatcher, batch, max, timeout_ms);
    Py_END_ALLOW_THREADS
    if (count == MOTET_E_CLOSED) Py_RETURN_NONE;
    if (count < 0) {
        raise_error(static_cast<int32_t>(count), motet_code_text(static_cast<int32_t>(count)), false);
        return nullptr;
    }
    PyObject *claims = PyList_New(0);
    PyObject *answers = PyList_New(0);
    PyObject *tasks = PyList_New(0);
    if (claims && answers && tasks && read_batch(batch, claims, answers, tasks)) {
        return Py_BuildValue("(NNN)", claims, answers, tasks);
    }
    Py_XDECREF(claims);
    Py_XDECREF(answers);
    Py_XDECREF(tasks);
    return nullptr;
}

/* Sets what makes exceptions: called with (code, sentence, retriable). */
PyObject *set_error_factory(PyObject *factory) {
    if (interpreter && interpreter != PyInterpreterState_Get()) {
        PyErr_SetString(PyExc_ImportError, "motet is in use by another interpreter of this process");
        return nullptr;
    }
    interpreter = PyInterpreterState_Get();
    Py_INCREF(factory);
    Py_XSETREF(error_factory, factory);
    Py_RETURN_NONE;
}

PyObject *system_address(motet_system_t *system) {
    return text_from([=](char *buffer, size_t capacity) { return motet_system_address(system, buffer, capacity); });
}

PyObject *ref_path(const motet_ref_t *ref) {
    return text_from([=](char *buffer, size_t capacity) { return motet_ref_path(ref, buffer, capacity); });
}

/* The traceparent header value of a trace context. */
PyObject *trace_format(const uint8_t *data, size_t size) {
    return text_from([=](char *buffer, size_t capacity) { return motet_trace_format(data, size, buffer, capacity); });
}

/* The trace context of a traceparent header value; None when that is malformed. */
PyObject *trace_parse(const char *traceparent) {
    uint8_t trace[MOTET_TRACE_SIZE];
    if (motet_trace_parse(traceparent, trace, sizeof trace) < 0) Py_RETURN_NONE;
    return make_bytes(trace, sizeof trace);
}

PyObject *span_trace(motet_span_t *span) { return trace_or_none(motet_span_trace(span)); }

/* Ends a span; its handle is of no use afterwards. */
PyObject *span_finish(PyObject *handle, int32_t code, const char *message) {
    void *span;
    if (!read_handle(handle, "motet_span_t", &span)) return nullptr;
    PyCapsule_SetDestructor(handle, nullptr);
    PyCapsule_SetName(handle, "ended motet_span_t");
    motet_span_end(static_cast<motet_span_t *>(span), code, message);
    Py_RETURN_NONE;
}
%}
