#include "core/actor/mailboxes.h"

#include <algorithm>

namespace motet {

namespace {

std::string joined(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text.empty() ? "none" : text;
}

Overflow overflow_named(const std::string &name) {
    static const std::map<std::string, Overflow> kPolicies = {{"drop-newest", Overflow::drop_newest},
                                                              {"drop-oldest", Overflow::drop_oldest},
                                                              {"fail-sender", Overflow::fail_sender},
                                                              {"stop", Overflow::stop}};
    return kPolicies.at(name);
}

}  // namespace

Result<MailboxSettings> Mailboxes::of(const Props &props) const {
    MailboxSettings settings;
    settings.capacity = props.mailbox_capacity > 0 ? props.mailbox_capacity : capacity_;
    const std::string &name = props.mailbox;
    if (name.empty()) {
        return settings;
    }
    std::vector<std::string> configured = config_.names("actor.mailbox");
    if (std::find(configured.begin(), configured.end(), name) == configured.end()) {
        return Status(Code::BAD_VALUE, "mailbox \"" + name + "\" is not configured; set actor.mailbox." + name +
                                           ".capacity; there are: " + joined(configured));
    }
    if (props.mailbox_capacity <= 0) {
        settings.capacity = config_.integer("actor.mailbox.<name>.capacity", name);
    }
    settings.overflow = overflow_named(config_.text("actor.mailbox.<name>.overflow", name));
    settings.high_water = config_.integer("actor.mailbox.<name>.high-water", name);
    for (const std::string &item : config_.list("actor.mailbox.<name>.priorities", name)) {
        size_t equal = item.find('=');
        Result<TypeId> type = types_.intern(item.substr(0, equal));
        if (!type.ok()) {
            return std::move(type.status());
        }
        settings.priorities[type.value()] = std::stoll(item.substr(equal + 1));
    }
    for (const std::string &item : config_.list("actor.mailbox.<name>.control-types", name)) {
        Result<TypeId> type = types_.intern(item);
        if (!type.ok()) {
            return std::move(type.status());
        }
        settings.priorities[type.value()] = INT64_MIN;
    }
    return settings;
}

}  // namespace motet
