#include "config/settings.h"

#include <array>
#include <vector>

#include "config/lists.h"
#include "config/parts_of_settings.h"
#include "config/tables.h"
#include "config/to_toml.h"

namespace helovet {
namespace {

ValueErrorOr<Profile> ReadProfile(const TomlValue& value) {
  return ReadWord(value,
                  {Profile::kObserve, Profile::kStandard, Profile::kStrict, Profile::kCustom});
}

ValueErrorOr<Action> ReadAction(const TomlValue& value) {
  return ReadWord(value, {Action::kAccept, Action::kTag, Action::kDefer, Action::kReject});
}

ValueErrorOr<Config::CsaDialect> ReadDialect(const TomlValue& value) {
  return ReadWord(value, {Config::CsaDialect::kCsa02, Config::CsaDialect::kDsar00});
}

constexpr Need kNeedsCustomProfile = {
    "without the profile \"custom\"", "profile = \"custom\"", [](const Config& config) {
      return config.profile == Profile::kCustom || config.alternate.profile == Profile::kCustom;
    }};
constexpr Need kNeedsCsa02 = {
    "with the dialect \"dsar-00\"", "csa.dialect = \"csa-02\"",
    [](const Config& config) { return config.csa.dialect == Config::CsaDialect::kCsa02; }};

constexpr std::array kSettings = {
    Setting{"profile", "\"observe\", \"standard\", \"strict\" or \"custom\"", "\"observe\"",
            "How trust becomes an action. "
            "\"observe\" refuses nothing and marks every message. "
            "\"standard\" rejects low trust, marks unknown trust and accepts high trust. "
            "\"strict\" accepts nothing but high trust. "
            "\"custom\" does as the table custom says.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadProfile(value), config.profile);
            },
            [](const Config& config) { return ToToml(config.profile); }},
    Setting{"deadline", "duration", "\"5s\"",
            "The longest time that one validation takes, from 100ms to 60s. "
            "What is not known by then counts as a temporary failure.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kDeadlineBounds), config.deadline);
            },
            [](const Config& config) { return ToToml(config.deadline); }},
    Setting{"our_names", "list of names", "",
            "Names of this host and of others that count as ourselves. "
            "A client from elsewhere that gives one of them in HELO is a forger. "
            "An empty list: none, not even the host's.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNames(value), config.our_names);
            },
            [](const Config& config) { return ToToml(config.our_names); }}
        .Example("[\"mx.example.net\", \"mail.example.net\"]")
        .DefaultWords("the host's name, and the one that the mail server gives itself"),
    Setting{"our_addresses", "list of addresses", "",
            "Addresses of this host and of others that count as ourselves. "
            "A client from elsewhere that gives one of them in HELO is a forger. "
            "An empty list: none, not even the host's.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAddresses(value), config.our_addresses);
            },
            [](const Config& config) { return ToToml(config.our_addresses); }}
        .Example("[\"192.0.2.25\", \"2001:db8::25\"]")
        .DefaultWords("the addresses of the host's interfaces"),
    Setting{"header", "true or false", "true",
            "Add an Authentication-Results header field to messages that are let in.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.header);
            },
            [](const Config& config) { return ToToml(config.header); }},
    Setting{"authserv_id", "text", "\"\"",
            "The name under which the header field gives our results (RFC 8601), "
            "commonly the host's or the domain's. "
            "Empty: the name that the mail server gives itself, or else the host's.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAuthservId(value), config.authserv_id);
            },
            [](const Config& config) { return ToToml(config.authserv_id); }},
    Setting{"explain_url", "URL", "\"\"",
            "A page that explains refusals; replies to refused clients end with it. "
            "http or https, at most 200 octets. "
            "Empty: replies carry no pointer.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadUrl(value), config.explain_url);
            },
            [](const Config& config) { return ToToml(config.explain_url); }},
    Setting{"overrides", "table of checks", "{}",
            "What is done about a result of a check, whatever the trust: for each check a "
            "table from results to \"ignore\", \"tag\", \"defer\" or \"reject\". "
            "\"ignore\" acts as if the check had not run; with the others the more severe "
            "of this and the profile's action is done. "
            "Overrides hold under every profile, also under observe. "
            "A temporary failure (temperror) cannot be rejected.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadOverrides(value), config.overrides);
            },
            [](const Config& config) { return ToToml(config.overrides); }}
        .Example("{ csa.none = \"tag\", iprev.temperror = \"defer\" }"),

    Setting{"custom.low", "\"accept\", \"tag\", \"defer\" or \"reject\"", "\"reject\"",
            "What the profile \"custom\" does with low trust. "
            "Less trust never gets a milder action than more.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAction(value), config.custom.low);
            },
            [](const Config& config) { return ToToml(config.custom.low); }}
        .Needs(kNeedsCustomProfile),
    Setting{"custom.unknown", "\"accept\", \"tag\", \"defer\" or \"reject\"", "\"tag\"",
            "What it does with unknown trust. "
            "Where that is \"reject\", clients about whom the DNS gave no answer for "
            "now are deferred.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAction(value), config.custom.unknown);
            },
            [](const Config& config) { return ToToml(config.custom.unknown); }}
        .Needs(kNeedsCustomProfile),
    Setting{"custom.high", "\"accept\", \"tag\", \"defer\" or \"reject\"", "\"accept\"",
            "What it does with high trust.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAction(value), config.custom.high);
            },
            [](const Config& config) { return ToToml(config.custom.high); }}
        .Needs(kNeedsCustomProfile),
    Setting{"custom.skip_address_blocklists", "true or false", "true",
            "Tell the mail server that it need not ask blocklists of addresses about "
            "clients of high trust.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.custom.skip_address_blocklists);
            },
            [](const Config& config) { return ToToml(config.custom.skip_address_blocklists); }}
        .Needs(kNeedsCustomProfile),

    Setting{"alternate.domains", "list of names", "[]",
            "Domains whose recipients have a profile of their own. "
            "An entry with a leading dot stands for every name below it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNamePatterns(value), config.alternate.domains);
            },
            [](const Config& config) { return ToToml(config.alternate.domains); }},
    Setting{"alternate.profile", "as profile", "\"strict\"", "The profile for these recipients.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadProfile(value), config.alternate.profile);
            },
            [](const Config& config) { return ToToml(config.alternate.profile); }}
        .Needs({"without alternate.domains", "alternate.domains = [\"example.net\"]",
                [](const Config& config) { return !config.alternate.domains.empty(); }}),

    Setting{"exempt.networks", "list of networks", "[\"127.0.0.0/8\", \"::1\"]",
            "Clients in these networks are not validated. "
            "An empty list exempts none.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNetworks(value), config.exempt.networks);
            },
            [](const Config& config) { return ToToml(config.exempt.networks); }},

    Setting{"helo.allow_underscore", "true or false", "false",
            "Accept HELO names with one label that begins with an underscore.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.helo.allow_underscore);
            },
            [](const Config& config) { return ToToml(config.helo.allow_underscore); }},

    Setting{"csa.dialect", "\"csa-02\" or \"dsar-00\"", "\"csa-02\"",
            "How CSA records are read: by the drafts of 2005, or by the draft of 2004, "
            "whose records look alike and mean other things.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDialect(value), config.csa.dialect);
            },
            [](const Config& config) { return ToToml(config.csa.dialect); }},
    Setting{"csa.explicit_search", "true or false", "true",
            "When the HELO name has no CSA record, look whether a domain above it says "
            "that all its hosts have one.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.csa.explicit_search);
            },
            [](const Config& config) { return ToToml(config.csa.explicit_search); }}
        .Needs(kNeedsCsa02),
    Setting{"csa.reverse", "true or false", "false",
            "When HELO carries an address instead of a name, look for a CSA record under "
            "the address's name in in-addr.arpa or ip6.arpa.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.csa.reverse);
            },
            [](const Config& config) { return ToToml(config.csa.reverse); }}
        .Needs(kNeedsCsa02),

    Setting{"well_known.domains", "list of names", "[]",
            "Domains of which you know that their records are accurate: the client's "
            "reverse name proves a HELO name that is one of them or below one.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNames(value), config.well_known.domains);
            },
            [](const Config& config) { return ToToml(config.well_known.domains); }},

    Setting{"dna.trusted", "list of accreditors", "[]",
            "Accreditors whose reports about HELO names count: a name, or a table with the "
            "name and any of weight, from 1 to 100 (1), what its recommendation is worth; "
            "advisory (false), to be told its reports and heed none; always_ask (false), to "
            "ask it about names that do not point to it, too. "
            "Empty: no accreditor is asked.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAccreditors(value), config.dna.trusted);
            },
            [](const Config& config) { return ToToml(config.dna.trusted); }}
        .Example(
            "[\"accredit.example\", { name = \"vouch.example\", weight = 2, always_ask = true }]"),
    Setting{"dna.required_weight", "number", "1",
            "The weights of recommending accreditors have to add up to this, from 1 to 1000.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNumber(value, kRequiredWeightBounds), config.dna.required_weight);
            },
            [](const Config& config) { return ToToml(config.dna.required_weight); }}
        .Needs({"without dna.trusted", "dna.trusted = [\"accredit.example\"]",
                [](const Config& config) { return !config.dna.trusted.empty(); }}),

    Setting{"vbr.certifiers", "list of names", "[]",
            "Certifiers that are asked whether they vouch for a HELO name (RFC 5518). "
            "Empty: none is asked.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDistinctNames(value), config.vbr.certifiers);
            },
            [](const Config& config) { return ToToml(config.vbr.certifiers); }},
    Setting{"vbr.types", "list of words", "[]",
            "Types of mail: who vouches for one of them counts, beside who vouches for all mail.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadMailTypes(value), config.vbr.types);
            },
            [](const Config& config) { return ToToml(config.vbr.types); }}
        .Example("[\"transaction\"]")
        .Needs({"without vbr.certifiers", "vbr.certifiers = [\"certify.example\"]",
                [](const Config& config) { return !config.vbr.certifiers.empty(); }}),

    Setting{"lists.allow", "list of entries", "[]",
            "Clients and senders to let in: addresses and networks, HELO names, \".suffix\" "
            "for all names below, \"@domain\" and \"@.suffix\" for the domains of senders, "
            "and absolute paths of files with one entry a line.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadListEntries(value), config.lists.allow);
            },
            [](const Config& config) { return ToToml(config.lists.allow); }}
        .Example(
            "[\"192.0.2.0/24\", \"mail.example.org\", \".example.com\", \"/etc/helovet/allow\"]"),
    Setting{"lists.deny", "list of entries", "[]",
            "Clients and senders to refuse, in the same forms. "
            "The same entry cannot be in both lists.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadListEntries(value), config.lists.deny);
            },
            [](const Config& config) { return ToToml(config.lists.deny); }}
        .Example("[\"198.51.100.7\", \"@example.org\"]"),
    Setting{"lists.address", "list of DNS lists", "[]",
            "DNS lists of addresses, each a table with zone, the domain to ask under, "
            "and codes, from its answers to ratings from \"A\" (best) to \"E\" (worst). "
            "An octet of a code is a number, a range or *; of codes that overlap the "
            "one with the fewest addresses counts. "
            "Empty: none is asked.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadAddressLists(value), config.lists.address);
            },
            [](const Config& config) { return ToToml(config.lists.address); }}
        .Example("[{ zone = \"dnsbl.example\", codes = { \"127.0.0.2\" = \"E\", "
                 "\"127.0.0.4-7\" = \"D\" } }]"),
    Setting{"lists.name", "list of DNS lists", "[]",
            "DNS lists of domain names, asked about the HELO name. "
            "Empty: none is asked.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNameLists(value), config.lists.name);
            },
            [](const Config& config) { return ToToml(config.lists.name); }}
        .Example("[{ zone = \"dbl.example\", codes = { \"127.0.1.*\" = \"D\" } }]"),
};

std::vector<Setting> AllSettings() {
  std::vector<Setting> all(kSettings.begin(), kSettings.end());
  for (const std::span<const Setting> part : {SenderSettings(), ServiceSettings()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::span<const Setting> Settings() {
  static const std::vector<Setting> all = AllSettings();
  return all;
}

}  // namespace helovet
