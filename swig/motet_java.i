/* The C interface for Java: one class of static functions, dev.motet.internal.ffi.Motet, which only dev.motet uses.
 * Knows how C types become Java types: handles are long, bytes are byte[], text crosses as UTF-8 bytes (JNI's own
 * strings are modified UTF-8), an error becomes an exception.
 * Must never hold logic: what is more than a conversion is written by hand in bindings/java.
 *
 * There are no proxies of C objects, so there is nothing with a finalizer: dev.motet owns each long it is given.
 */
%module Motet

%pragma(java) jniclassclassmodifiers = "final class"
%pragma(java) moduleclassmodifiers = "public final class"
%pragma(java) jniclasscode = %{
    static {
        NativeLibrary.load();
    }
%}
%javaconst(1);

%{
#include <cstring>
#include <memory>

namespace {

// The bytes of a Java array for the time of one call, copied (a critical section would hold up the garbage collector);
// small ones without an allocation. Text gets the NUL that C expects.
class ArrayCopy {
public:
    void take(JNIEnv *jenv, jbyteArray array) {
        if (array == nullptr) return;
        size_ = static_cast<size_t>(jenv->GetArrayLength(array));
        if (size_ >= sizeof(near_)) far_.reset(new uint8_t[size_ + 1]);
        bytes_ = far_ ? far_.get() : near_;
        jenv->GetByteArrayRegion(array, 0, static_cast<jsize>(size_), reinterpret_cast<jbyte *>(bytes_));
        bytes_[size_] = 0;
    }
    uint8_t *bytes() const { return bytes_; }
    char *text() const { return reinterpret_cast<char *>(bytes_); }
    size_t size() const { return size_; }

private:
    uint8_t near_[512];
    std::unique_ptr<uint8_t[]> far_;
    uint8_t *bytes_ = nullptr;
    size_t size_ = 0;
};

// Room for bytes that C writes; they are put into the Java array when the call is over.
class ArrayRoom {
public:
    void take(JNIEnv *jenv, jbyteArray array) {
        jenv_ = jenv;
        array_ = array;
        size_ = jenv->GetArrayLength(array);
        bytes_.reset(new uint8_t[static_cast<size_t>(size_) + 1]());
    }
    void put() const { jenv_->SetByteArrayRegion(array_, 0, size_, reinterpret_cast<const jbyte *>(bytes_.get())); }
    uint8_t *bytes() const { return bytes_.get(); }
    size_t size() const { return static_cast<size_t>(size_); }

private:
    JNIEnv *jenv_ = nullptr;
    jbyteArray array_ = nullptr;
    jsize size_ = 0;
    std::unique_ptr<uint8_t[]> bytes_;
};

jbyteArray text_to_java(JNIEnv *jenv, const char *text) {
    if (text == nullptr) return nullptr;
    const auto size = static_cast<jsize>(strlen(text));
    jbyteArray array = jenv->NewByteArray(size);
    if (array != nullptr) jenv->SetByteArrayRegion(array, 0, size, reinterpret_cast<const jbyte *>(text));
    return array;
}

jobject buffer_to_java(JNIEnv *jenv, const uint8_t *data, int64_t size) {
    static const uint8_t nothing = 0;
    return jenv->NewDirectByteBuffer(const_cast<uint8_t *>(data == nullptr ? &nothing : data), data == nullptr ? 0 : size);
}

} // namespace
%}

/* C's 64-bit numbers, signed or not, are Java's long. */
%include <stdint.i>
%apply long long { int64_t, uint64_t, size_t };

/* Handles: every pointer to one of the library's objects is a long. */
%typemap(jni) SWIGTYPE * "jlong"
%typemap(jtype) SWIGTYPE * "long"
%typemap(jstype) SWIGTYPE * "long"
%typemap(javain) SWIGTYPE * "$javainput"
%typemap(javaout) SWIGTYPE * { return $jnicall; }
%typemap(in) SWIGTYPE * { $1 = reinterpret_cast<$1_ltype>(static_cast<intptr_t>($input)); }
%typemap(out) SWIGTYPE * { $result = static_cast<jlong>(reinterpret_cast<intptr_t>($1)); }

/* A handle that a call hands out: put into element 0 of the caller's array. */
%typemap(jni) SWIGTYPE **out "jlongArray"
%typemap(jtype) SWIGTYPE **out "long[]"
%typemap(jstype) SWIGTYPE **out "long[]"
%typemap(javain) SWIGTYPE **out "$javainput"
%typemap(in) SWIGTYPE **out ($*1_ltype handle = nullptr) { $1 = &handle; }
%typemap(argout) SWIGTYPE **out {
    const auto number = static_cast<jlong>(reinterpret_cast<intptr_t>(handle$argnum));
    jenv->SetLongArrayRegion($input, 0, 1, &number);
}

/* A number that a call hands out, likewise. */
%typemap(jni) uint64_t *task "jlongArray"
%typemap(jtype) uint64_t *task "long[]"
%typemap(jstype) uint64_t *task "long[]"
%typemap(javain) uint64_t *task "$javainput"
%typemap(in) uint64_t *task (uint64_t number = 0) { $1 = &number; }
%typemap(argout) uint64_t *task {
    const auto given = static_cast<jlong>(number$argnum);
    jenv->SetLongArrayRegion($input, 0, 1, &given);
}

/* Errors: a call that returns one returns nothing in Java, and throws. */
%typemap(jstype) motet_error_t * "void"
%typemap(javaout) motet_error_t * { NativeError.check($jnicall); }
%typemap(jstype) motet_error_t *error "long"

/* Text: UTF-8 bytes with a NUL. */
%typemap(jni) const char * "jbyteArray"
%typemap(jtype) const char * "byte[]"
%typemap(jstype) const char * "String"
%typemap(javain) const char * "Text.encode($javainput)"
%typemap(javaout) const char * { return Text.decode($jnicall); }
%typemap(in) const char * (ArrayCopy copy) {
    copy.take(jenv, $input);
    $1 = copy.text();
}
%typemap(out) const char * { $result = text_to_java(jenv, $1); }
%typemap(freearg) const char * ""

/* Bytes in (null for none), and room for bytes and text out. */
%define MOTET_BYTES(TYPE, DATA, SIZE, HOLDER)
%typemap(jni) (TYPE *DATA, size_t SIZE) "jbyteArray"
%typemap(jtype) (TYPE *DATA, size_t SIZE) "byte[]"
%typemap(jstype) (TYPE *DATA, size_t SIZE) "byte[]"
%typemap(javain) (TYPE *DATA, size_t SIZE) "$javainput"
%typemap(in) (TYPE *DATA, size_t SIZE) (HOLDER holder) {
    holder.take(jenv, $input);
    $1 = reinterpret_cast<$1_ltype>(holder.bytes());
    $2 = holder.size();
}
%enddef
MOTET_BYTES(const uint8_t, data, size, ArrayCopy)
MOTET_BYTES(const uint8_t, trace, trace_size, ArrayCopy)
MOTET_BYTES(char, buffer, capacity, ArrayRoom)
MOTET_BYTES(uint8_t, buffer, capacity, ArrayRoom)
%typemap(argout) (char *buffer, size_t capacity), (uint8_t *buffer, size_t capacity) { holder$argnum.put(); }

/* The two blocks of memory of a batch, as direct buffers over them. */
%define MOTET_BLOCK(FUNCTION, SIZE)
%typemap(jni) const uint8_t *FUNCTION "jobject"
%typemap(jtype) const uint8_t *FUNCTION "java.nio.ByteBuffer"
%typemap(jstype) const uint8_t *FUNCTION "java.nio.ByteBuffer"
%typemap(javaout) const uint8_t *FUNCTION { return $jnicall; }
%typemap(out) const uint8_t *FUNCTION { $result = buffer_to_java(jenv, $1, SIZE); }
%enddef
MOTET_BLOCK(motet_batch_records, motet_batch_count(arg1) * motet_batch_stride(arg1))
MOTET_BLOCK(motet_batch_arena, motet_batch_arena_size(arg1))
MOTET_BLOCK(motet_span_trace, MOTET_TRACE_SIZE)
MOTET_BLOCK(motet_bytes_data, static_cast<int64_t>(motet_bytes_size(arg1)))

/* Asks are answered through the dispatcher, and messages read from its batches. */
%ignore motet_ref_ask;
%ignore motet_future_wait;
%ignore motet_future_reply;
%ignore motet_future_free;
%ignore motet_message_type;
%ignore motet_message_data;
%ignore motet_message_size;
%ignore motet_message_sender;
%ignore motet_message_trace;

%include "motet.i"
