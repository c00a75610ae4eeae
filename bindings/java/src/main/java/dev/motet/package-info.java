/**
 * Motet: actors that form a cluster with programs in C, C++, Python, Go and Java.
 *
 * <p>A {@link dev.motet.ActorSystem} is one node. An {@link dev.motet.Actor} is spawned from {@link dev.motet.Props} and
 * handles one message at a time; a message is a record with a {@link dev.motet.MessageType}. An {@link
 * dev.motet.ActorRef} names an actor on any node and may itself be part of messages. Errors are {@link
 * dev.motet.MotetException}s with a {@link dev.motet.Code} that is the same in every language.
 */
package dev.motet;
