// Motet: actors that form a cluster. The umbrella of the C++ layer, header-only over the C interface.
#pragma once

#include <motet/actor.hpp>
#include <motet/behaviour.hpp>
#include <motet/cluster.hpp>
#include <motet/code.hpp>
#include <motet/codec.hpp>
#include <motet/config.hpp>
#include <motet/context.hpp>
#include <motet/dead_letters.hpp>
#include <motet/discovery.hpp>
#include <motet/duration.hpp>
#include <motet/error.hpp>
#include <motet/exception.hpp>
#include <motet/future.hpp>
#include <motet/keys.hpp>
#include <motet/lease.hpp>
#include <motet/message.hpp>
#include <motet/props.hpp>
#include <motet/ref.hpp>
#include <motet/remoting.hpp>
#include <motet/router.hpp>
#include <motet/shutdown.hpp>
#include <motet/signals.hpp>
#include <motet/system.hpp>
#include <motet/task.hpp>
#include <motet/trace.hpp>
