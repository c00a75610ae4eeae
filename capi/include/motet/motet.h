/* Motet: actors that form a cluster. The umbrella of the C interface. */
#ifndef MOTET_MOTET_H
#define MOTET_MOTET_H

#include <motet/actor.h>
#include <motet/ask.h>
#include <motet/cluster.h>
#include <motet/codec.h>
#include <motet/config.h>
#include <motet/control.h>
#include <motet/dead_letters.h>
#include <motet/discovery.h>
#include <motet/dispatcher.h>
#include <motet/error.h>
#include <motet/export.h>
#include <motet/keys.h>
#include <motet/lease.h>
#include <motet/message.h>
#include <motet/ref.h>
#include <motet/remoting.h>
#include <motet/router.h>
#include <motet/shutdown.h>
#include <motet/system.h>
#include <motet/trace.h>
#include <motet/version.h>
#include <motet/wire.h>

#endif
