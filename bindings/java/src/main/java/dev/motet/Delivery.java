package dev.motet;

/**
 * One delivery of a batch, copied out of it.
 *
 * @param kind Motet.DELIVERY_*
 * @param type the number of the message's type
 * @param actor the number of the actor
 * @param correlation the number of the ask that is answered
 * @param sender who sent it, null for nobody
 * @param self the actor's own reference, only with its first delivery
 * @param payload the bytes
 * @param index which of the actor's deliveries since it was last completed
 * @param trace the trace context of this handling, null for none
 */
record Delivery(
        int kind, int type, long actor, long correlation, ActorRef sender, ActorRef self, byte[] payload, int index,
        byte[] trace) {}
