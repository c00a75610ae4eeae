#include "core/remote/remoting_events.h"

#include <msgpack.hpp>

namespace motet {

namespace {

class Sink {
  public:
    void write(const char *data, size_t size) { bytes.insert(bytes.end(), data, data + size); }
    ByteVector bytes;
};

}  // namespace

ByteVector encode_remoting_event(const RemotingEvent &event) {
    Sink sink;
    msgpack::packer<Sink> packer(sink);
    packer.pack_map(5);
    packer.pack("local").pack(event.local);
    packer.pack("remote").pack(event.remote);
    packer.pack("uid").pack(event.uid);
    packer.pack("inbound").pack(event.inbound);
    packer.pack("cause").pack(event.cause);
    return std::move(sink.bytes);
}

}  // namespace motet
