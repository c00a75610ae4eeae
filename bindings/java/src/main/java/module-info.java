/** Motet: actors that form a cluster, in Java. */
@SuppressWarnings("requires-automatic")
module dev.motet {
    requires msgpack.core;
    requires jdk.unsupported;

    exports dev.motet;
}
