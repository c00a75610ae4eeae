// Members for tests: number n is uid n at port 1000 + n of the system Unit.
#pragma once

#include "core/cluster/state.h"

namespace motet {

inline Address address_of(uint64_t number) {
    return Address::tcp("Unit", "10.0.0.1", static_cast<uint16_t>(1000 + number));
}

inline Member make_member(uint64_t number, MemberStatus status = MemberStatus::up) {
    Member member;
    member.node = {address_of(number), number};
    member.status = status;
    member.up_number = status == MemberStatus::up ? static_cast<uint32_t>(number) : 0;
    return member;
}

inline Member accusing(Member observer, std::initializer_list<uint64_t> subjects) {
    ++observer.observed;
    for (const uint64_t subject : subjects) {
        observer.accusations.push_back({subject, 0});
    }
    return observer;
}

inline State state_of(uint64_t self, std::initializer_list<Member> members) {
    State state(self);
    for (const Member &member : members) {
        state.apply(member, 0);
    }
    return state;
}

}  // namespace motet
