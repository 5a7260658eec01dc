#include "config/settings.h"

#include <array>
#include <utility>

namespace helovet {
namespace {

template <typename T>
ValueErrorOr<void> Store(ValueErrorOr<T> value, T& field) {
  if (!value) return tl::make_unexpected(std::move(value.error()));
  field = std::move(*value);
  return {};
}

constexpr std::array kSettings = {
    Setting{"profile", "\"observe\", \"standard\" or \"strict\"", "\"observe\"",
            "How trust becomes an action. "
            "\"observe\" refuses nothing and marks every message. "
            "\"standard\" rejects low trust, marks unknown trust and accepts high trust. "
            "\"strict\" accepts nothing but high trust.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadProfile(value), config.profile);
            }},
    Setting{"deadline", "duration", "\"5s\"",
            "The longest time that one validation takes, from 100ms to 60s. "
            "What is not known by then counts as a temporary failure.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kDeadlineBounds), config.deadline);
            }},
    Setting{"our_names", "list of names", "[]",
            "Names of this host and of others that count as ourselves. "
            "A client from elsewhere that gives one of them in HELO is a forger.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNames(value), config.our_names);
            }},
    Setting{"our_addresses", "list of addresses", "[]",
            "Addresses of this host and of others that count as ourselves. "
            "A client from elsewhere that gives one of them in HELO is a forger.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAddresses(value), config.our_addresses);
            }},
    Setting{"header", "true or false", "true",
            "Add an Authentication-Results header field to messages that are let in.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.header);
            }},
    Setting{"authserv_id", "text", "\"\"",
            "The name under which the header field gives our results (RFC 8601), commonly the "
            "host's or the domain's. "
            "Empty: the host's name.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAuthservId(value), config.authserv_id);
            }},
    Setting{"explain_url", "URL", "\"\"",
            "A page that explains refusals; replies to refused clients end with it. "
            "http or https, at most 200 octets. "
            "Empty: replies carry no pointer.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadUrl(value), config.explain_url);
            }},

    Setting{"exempt.networks", "list of networks", "[\"127.0.0.0/8\", \"::1\"]",
            "Clients in these networks are not validated. "
            "An empty list exempts none.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNetworks(value), config.exempt.networks);
            }},

    Setting{"helo.allow_underscore", "true or false", "false",
            "Accept HELO names with one label that begins with an underscore.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.helo.allow_underscore);
            }},

    Setting{"csa.explicit_search", "true or false", "true",
            "When the HELO name has no CSA record, look whether a domain above it says that all "
            "its hosts have one.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.csa.explicit_search);
            }},
    Setting{"csa.reverse", "true or false", "false",
            "When HELO carries an address instead of a name, look for a CSA record under the "
            "address's name in in-addr.arpa or ip6.arpa.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.csa.reverse);
            }},

    Setting{"local_trust.names", "list of names", "[]",
            "Names that you vouch for: a client that proves to have one of them earns high trust. "
            "An entry with a leading dot stands for every name below it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNamePatterns(value), config.local_trust.names);
            }},

    Setting{"dns.servers", "list of DNS servers", "[]",
            "Resolvers, asked in this order: an address, or an address and a port as in "
            "\"192.0.2.1:5353\" and \"[2001:db8::1]:5353\". "
            "Empty: those of /etc/resolv.conf.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDnsServers(value), config.dns.servers);
            }},
    Setting{"dns.trusted", "list of networks", "[\"127.0.0.0/8\", \"::1\"]",
            "Resolvers whose word is taken that an answer is authentic (DNSSEC), and whose "
            "additional data may prove an address. "
            "An empty list trusts none.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNetworks(value), config.dns.trusted);
            }},
    Setting{"dns.query_timeout", "duration", "\"2s\"",
            "The longest time that one DNS question takes, retries included, from 50ms to the "
            "deadline. Unless it is set, a shorter deadline shortens it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kQueryTimeoutBounds), config.dns.query_timeout);
            }},
};

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

}  // namespace helovet
