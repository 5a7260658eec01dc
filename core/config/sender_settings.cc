#include <algorithm>
#include <array>

#include "config/lists.h"
#include "config/parts_of_settings.h"
#include "config/to_toml.h"

namespace helovet {
namespace {

template <CheckId kCheck>
bool Runs(const Config& config) {
  return std::ranges::count(config.senders.checks, kCheck) > 0;
}
constexpr Need kNeedsDmp = {"without \"dmp\" in senders.checks", "senders.checks = [\"dmp\"]",
                            Runs<CheckId::kDmp>};
constexpr Need kNeedsSpf = {"without \"spf\" in senders.checks", "senders.checks = [\"spf\"]",
                            Runs<CheckId::kSpf>};
constexpr Need kNeedsCbv = {"without \"cbv\" in senders.checks", "senders.checks = [\"cbv\"]",
                            Runs<CheckId::kCbv>};

constexpr std::array kSettings = {
    Setting{"senders.checks", "list of words", "[\"spf\"]",
            "The checks of who may send for a domain: \"dmp\", \"drip\", \"rmx\" and \"spf\", "
            "and last \"cbv\", which asks the mail servers of the sender's domain whether they "
            "know the sender. "
            "They are heeded in this order, and the first that decides ends the series. "
            "Empty: none runs.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadSenderChecks(value), config.senders.checks);
            },
            [](const Config& config) { return ToToml(config.senders.checks); }}
        .Example("[\"dmp\", \"spf\", \"cbv\"]"),

    Setting{"dmp.domains", "list of names", "[]",
            "The domains whose DMP records are asked for, and all names below them. "
            "Empty: those of every domain.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDistinctNames(value), config.dmp.domains);
            },
            [](const Config& config) { return ToToml(config.dmp.domains); }}
        .Needs(kNeedsDmp),
    Setting{"dmp.refuse_allow_all", "true or false", "false",
            "Ask once more of a domain that designates the client, and take it for no proof if "
            "the domain designates every address.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.dmp.refuse_allow_all);
            },
            [](const Config& config) { return ToToml(config.dmp.refuse_allow_all); }}
        .Needs(kNeedsDmp),

    Setting{"spf.explanation", "true or false", "true",
            "After a failure ask for the explanation that the domain gives, and show it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.spf.explanation);
            },
            [](const Config& config) { return ToToml(config.spf.explanation); }}
        .Needs(kNeedsSpf),

    Setting{"cbv.helo_name", "host name", "\"\"",
            "The name that callbacks give in EHLO. "
            "Empty: the first of our_names.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadOptionalName(value), config.cbv.helo_name);
            },
            [](const Config& config) { return ToToml(config.cbv.helo_name); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.port", "number", "25",
            "The TCP port of the mail servers that are called, from 1 to 65535.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadPort(value), config.cbv.port);
            },
            [](const Config& config) { return ToToml(config.cbv.port); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.timeout", "duration", "\"5s\"",
            "The longest time that one callback takes, with its DNS questions, from 50ms to the "
            "deadline. "
            "Unless it is set, a shorter deadline shortens it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kStepTimeoutBounds), config.cbv.timeout);
            },
            [](const Config& config) { return ToToml(config.cbv.timeout); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.hosts", "number", "3",
            "How many addresses of the domain's mail servers are tried, from 1 to 10.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNumber(value, kHostsBounds), config.cbv.hosts);
            },
            [](const Config& config) { return ToToml(config.cbv.hosts); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.noop", "true or false", "false", "Send NOOP after the greeting.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.cbv.noop);
            },
            [](const Config& config) { return ToToml(config.cbv.noop); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.catch_all", "true or false", "false",
            "Ask for an address that cannot exist, too, and believe no domain that accepts it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.cbv.catch_all);
            },
            [](const Config& config) { return ToToml(config.cbv.catch_all); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.allow_networks", "list of networks", "[]",
            "Networks where mail servers may be called although their addresses are private, "
            "reserved or our own.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNetworks(value), config.cbv.allow_networks);
            },
            [](const Config& config) { return ToToml(config.cbv.allow_networks); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.concurrent", "number", "20",
            "Callbacks at once, of all processes and hosts that share the store, from 1 to "
            "1000.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNumber(value, kConcurrentBounds), config.cbv.concurrent);
            },
            [](const Config& config) { return ToToml(config.cbv.concurrent); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.concurrent_per_domain", "number", "2",
            "Of these, callbacks at once to one domain, from 1 to cbv.concurrent. "
            "Unless it is set, a smaller cbv.concurrent makes it smaller.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNumber(value, kConcurrentBounds), config.cbv.concurrent_per_domain);
            },
            [](const Config& config) { return ToToml(config.cbv.concurrent_per_domain); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.per_domain", "number", "60",
            "Callbacks to one domain within cbv.per_domain_interval, from 1 to 100000.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNumber(value, kPerDomainBounds), config.cbv.per_domain);
            },
            [](const Config& config) { return ToToml(config.cbv.per_domain); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.per_domain_interval", "duration", "\"1m\"",
            "The time for which these are counted, from 1s to 1d.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kPerDomainIntervalBounds),
                           config.cbv.per_domain_interval);
            },
            [](const Config& config) { return ToToml(config.cbv.per_domain_interval); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.address_success", "duration", "\"1d\"",
            "How long it is remembered that an address is accepted, from 1s to 30d.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kRememberedBounds), config.cbv.address_success);
            },
            [](const Config& config) { return ToToml(config.cbv.address_success); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.address_failure", "duration", "\"2h\"",
            "How long it is remembered that an address is refused, from 1s to 30d.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kRememberedBounds), config.cbv.address_failure);
            },
            [](const Config& config) { return ToToml(config.cbv.address_failure); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.domain_success", "duration", "\"7d\"",
            "How long it is remembered that a domain takes the null sender, and that it does not "
            "accept every address, from 1s to 30d.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kRememberedBounds), config.cbv.domain_success);
            },
            [](const Config& config) { return ToToml(config.cbv.domain_success); }}
        .Needs(kNeedsCbv),
    Setting{"cbv.domain_failure", "duration", "\"3h\"",
            "How long it is remembered that a domain refuses the null sender, accepts every "
            "address, cannot be reached, takes no mail or does not exist, from 1s to 30d.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kRememberedBounds), config.cbv.domain_failure);
            },
            [](const Config& config) { return ToToml(config.cbv.domain_failure); }}
        .Needs(kNeedsCbv),
};

}  // namespace

std::span<const Setting> SenderSettings() { return kSettings; }

}  // namespace helovet
