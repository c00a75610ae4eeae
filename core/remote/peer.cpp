#include "core/remote/peer.h"

#include "core/actor/cell.h"
#include "core/remote/stand_in.h"

namespace motet {

Peer::Peer(Ptr<System> its_system, Remoting &its_remoting, const Address &its_address, const PeerSettings &settings,
           const std::string &own)
    : system(std::move(its_system)), remoting(its_remoting), address(its_address), text(its_address.text()),
      hop(make_counted<Hop>(text)), lanes{Lane(settings.lane, own), Lane(settings.lane, own), Lane(settings.lane, own)},
      large_out(settings.large_out, own), association(settings.association), reliable_out(settings.reliable),
      large_in(settings.large_in) {}

Peer::~Peer() = default;

}  // namespace motet
