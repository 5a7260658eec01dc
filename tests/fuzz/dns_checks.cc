// DNS answers into every check, by way of the engine (docs/rules.md §2 to §8, §11). The first two
// octets choose the settings and the session; each question then takes from the input whether it is
// answered, and with what.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/session_dns.h"
#include "fuzz.h"
#include "helovet/engine.h"
#include "invented_dns.h"
#include "results.h"

namespace helovet::fuzz {
namespace {

// Names that meet one another, so that aliases, targets and reverse names lead somewhere.
constexpr std::string_view kNames[] = {
    "mail.example.com",      "example.com",    "a.test",
    "_vouch._smtp.a.test",   "b.test",         "_vouch._smtp.b.test",
    "www.example.com",       "mx.example.com", "com",
    "1.2.0.192.in-addr.arpa"};
constexpr std::string_view kAddresses[] = {"192.0.2.1",  "192.0.2.2",       "127.0.0.2",
                                           "127.0.0.9",  "127.255.255.254", "2001:db8::1",
                                           "2001:db8::2"};
constexpr std::string_view kTexts[] = {"MARID,1,A",
                                       "MARID,1,E;why",
                                       "all list",
                                       "dmp=allow",
                                       "dmp=deny",
                                       "v=spf1 a mx ptr -all",
                                       "v=spf1 include:b.test redirect=a.test",
                                       "v=spf1 exists:%{i}.%{h} exp=a.test -all",
                                       "ipv4:192.0.2.0/24 host:a.test !domain:b.test",
                                       "MARID,1,C"};
constexpr DnsOutcome kFailures[] = {
    DnsOutcome::kNxDomain, DnsOutcome::kServFail,  DnsOutcome::kRefused, DnsOutcome::kNotImp,
    DnsOutcome::kFormErr,  DnsOutcome::kMalformed, DnsOutcome::kTimeout, DnsOutcome::kUnreachable};

// Of the list, or, behind an octet above it, of the input.
template <std::size_t size>
std::string TextOf(const std::string_view (&list)[size], Choices& choices) {
  const unsigned choice = choices.Below(size + 2);
  return std::string(choice < size ? list[choice] : choices.Take(choices.Below(64)));
}

DnsName NameOf(Choices& choices) {
  return DnsName::Parse(TextOf(kNames, choices)).value_or(DnsName());
}

IpAddress AddressOf(Choices& choices) {
  return *IpAddress::Parse(kAddresses[choices.Below(std::size(kAddresses))]);
}

AplData AplOf(Choices& choices) {
  AplData apl;
  for (unsigned count = choices.Below(4); count > 0; --count) {
    AplData::Item item = {.family = static_cast<std::uint16_t>(choices.Below(4)),
                          .negated = choices.Below(2) == 1};
    const unsigned most = item.family == kAplIpv4 ? 33 : 129;
    item.prefix_bits = static_cast<std::uint8_t>(choices.Below(most));
    if (item.family == kAplIpv4) item.address = {192, 0, 2, choices.Octet()};
    apl.items.push_back(item);
  }
  return apl;
}

DnsData DataOf(DnsType type, Choices& choices) {
  const auto number = [&choices] { return static_cast<std::uint16_t>(choices.Below(5)); };
  switch (type) {
    case DnsType::kA:
    case DnsType::kAaaa:
      return AddressOf(choices);
    case DnsType::kCname:
    case DnsType::kPtr:
      return NameOf(choices);
    case DnsType::kMx: {
      MxData mx = {.preference = number(), .exchange = NameOf(choices)};
      return mx;
    }
    case DnsType::kSrv: {
      SrvData srv = {.priority = number(), .weight = number(), .port = number()};
      srv.target = NameOf(choices);
      return srv;
    }
    case DnsType::kApl:
      return AplOf(choices);
    case DnsType::kTxt:
      break;
  }
  return TextOf(kTexts, choices);
}

// An address of the other family is no data of its type.
bool Fits(const DnsRecord& record) {
  const auto* const address = std::get_if<IpAddress>(&record.data);
  return address == nullptr || address->is_v4() == (record.type == DnsType::kA);
}

void AddRecords(const DnsQuestion& question, Choices& choices, DnsReply& reply) {
  DnsName owner = question.name;
  for (unsigned count = choices.Below(8); count > 0; --count) {
    const unsigned kind = choices.Below(8);
    DnsRecord record = {.owner = owner, .type = question.type, .ttl = choices.Octet()};
    if (kind == 0) record.type = DnsType::kCname;
    if (kind == 1) record.owner = NameOf(choices);
    record.data = DataOf(record.type, choices);
    if (kind == 0) owner = std::get<DnsName>(record.data);
    const bool beside = kind == 2;
    if (beside)
      record = {.owner = NameOf(choices), .type = DnsType::kA, .data = AddressOf(choices)};
    if (Fits(record)) (beside ? reply.additional : reply.answers).push_back(std::move(record));
  }
  const unsigned copies = choices.Octet();
  if (copies < 250 || reply.answers.empty()) return;
  reply.answers.resize(choices.Octet() * 8, DnsRecord(reply.answers.back()));
}

std::optional<DnsReply> InventReply(const DnsQuestion& question, Choices& choices) {
  const unsigned kind = choices.Octet();
  if (kind == 255) return std::nullopt;
  DnsReply reply;
  reply.server = "192.0.2.53:53";
  reply.trusted = (kind & 16U) != 0;
  reply.ad = reply.trusted && (kind & 32U) != 0;
  reply.negative_ttl = 60;
  reply.outcome = DnsOutcome::kOk;
  if ((kind & 7U) == 7) reply.outcome = kFailures[choices.Below(std::size(kFailures))];
  if (!IsTemporary(reply.outcome)) AddRecords(question, choices, reply);
  return reply;
}

std::shared_ptr<const Config> SettingsOf(Choices& choices) {
  const std::uint8_t bits = choices.Octet();
  auto config = std::make_shared<Config>();
  config->profile = static_cast<Profile>(bits % 3);
  config->our_names = {"mx.example.net"};
  config->our_addresses.emplace();
  config->store.kind = Config::StoreKind::kNone;
  config->exempt.networks.clear();
  config->csa.reverse = (bits & 4U) != 0;
  if ((bits & 8U) != 0) config->csa.dialect = Config::CsaDialect::kDsar00;
  config->well_known.domains = {"example.com"};
  if ((bits & 16U) != 0) {
    config->dna.trusted = {{.name = "a.test"}, {.name = "b.test", .always_ask = true}};
    config->vbr.certifiers = {"a.test"};
    config->vbr.types = {"list"};
  }
  if ((bits & 32U) != 0) {
    const std::vector<ReturnCode> codes = {
        {.octets = {{{127, 127}, {0, 0}, {0, 0}, {2, 8}}}, .rating = Rating::kE},
        {.octets = {{{127, 127}, {0, 0}, {0, 0}, {9, 9}}}, .rating = Rating::kB}};
    config->lists.address = {{.zone = "a.test", .codes = codes}};
    config->lists.name = {{.zone = "b.test", .codes = codes}};
  }
  if ((bits & 64U) != 0) {
    config->senders.checks = {CheckId::kDmp, CheckId::kDrip, CheckId::kRmx, CheckId::kSpf};
  } else {
    config->senders.checks = {CheckId::kSpf};
  }
  return config;
}

Session SessionOf(Choices& choices) {
  const std::uint8_t bits = choices.Octet();
  Session session = {.client = *IpAddress::Parse((bits & 1U) != 0 ? "2001:db8::1" : "192.0.2.1"),
                     .helo = "mail.example.com"};
  if ((bits & 2U) != 0) session.helo = std::string(choices.TakeUpTo('\n'));
  if ((bits & 4U) != 0) session.mail_from = "joe@example.com";
  if ((bits & 8U) != 0) session.mail_from = std::string(choices.TakeUpTo('\n'));
  return session;
}

// Name, its series, and that of the sender: each has its own limit (docs/rules.md §8).
constexpr std::size_t kMostQueries = 3 * kMaxQueries;

class Run {
 public:
  Run(const std::shared_ptr<const Config>& config, InventedDns::Answers& answers,
      InventedDns::Invent invent, InventedDns::Order order) {
    auto dns = std::make_unique<InventedDns>(clock_.loop(), answers, std::move(invent), order);
    dns_ = dns.get();
    engine_ = std::make_unique<Engine>(clock_.loop(), config, std::move(dns));
  }

  Verdict Validate(Session session) {
    return Await([this, &session](auto done) {
      return engine_->Validate(std::move(session), std::move(done));
    });
  }
  Verdict ValidateMailFrom(const Verdict& on_name, const std::string& mail_from) {
    return Await(
        [&](auto done) { return engine_->ValidateMailFrom(on_name, mail_from, std::move(done)); });
  }
  [[nodiscard]] std::size_t asked() const { return dns_->asked(); }

 private:
  template <typename Start>
  Verdict Await(Start start) {
    int announced = 0;
    const Loop::TimePoint deadline = clock_.now() + engine_->config().deadline;
    const std::unique_ptr<Validation> validation =
        start([&announced](const Verdict&) { ++announced; });
    Hold(announced == 0, "no verdict is announced from inside the call");
    clock_.Run(deadline, [&announced] { return announced > 0; });
    clock_.loop().Turn(clock_.now());
    Hold(announced == 1, "a verdict is announced once");
    Hold(asked() <= kMostQueries, "no more is asked than docs/rules.md §8 allows");
    return validation->TakeVerdict();
  }

  StandingClock clock_;
  InventedDns* dns_;
  std::unique_ptr<Engine> engine_;
};

// What limits or the deadline have cut short depends on what was there first.
bool WasCutShort(const Verdict& verdict, std::size_t asked) {
  constexpr std::size_t kFarFromLimits = 20;
  if (asked > kFarFromLimits) return true;
  const auto cut = [](std::string_view outcome) {
    return outcome == "too-large" || outcome == "query-limit" || outcome == "timeout";
  };
  for (const Exchange& each : verdict.exchanges) {
    if (cut(each.outcome)) return true;
  }
  for (const CheckResult& check : verdict.checks) {
    for (const Evidence& each : check.evidence) {
      if (cut(each.outcome)) return true;
    }
  }
  return false;
}

// All that a verdict says but for its exchanges.
std::string Told(const Verdict& verdict) {
  std::string text = std::string(ToString(verdict.trust)) + ' ' +
                     std::string(ToString(verdict.action)) + ' ' +
                     std::string(ToString(verdict.decided_by.check)) + '/' +
                     std::string(ToString(verdict.decided_by.reason)) + '\n';
  for (const CheckResult& check : verdict.checks) {
    text += std::string(ToString(check.check)) + ' ' + std::string(ToString(check.result)) + '/' +
            std::string(ToString(check.reason)) + ' ' + check.authority + ' ' + check.contact +
            ' ' + check.explanation + '\n';
    for (const Evidence& each : check.evidence) {
      text += "  " + each.owner + ' ' + each.type + ' ' + each.outcome + ' ' + each.text + '\n';
    }
    for (const Opinion& each : check.opinions) {
      text += "  " + each.authority + ' ' + std::string(ToString(each.result)) + '/' +
              std::string(ToString(each.reason)) + ' ' + each.text + '\n';
    }
  }
  return text;
}

void HoldSame(const Verdict& got, const Verdict& want, const char* what) {
  if (Told(got) == Told(want)) return;
  std::fprintf(stderr, "%s\n--- the other time\n%s", Told(want).c_str(), Told(got).c_str());
  Hold(false, what);
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  const std::shared_ptr<const Config> config = SettingsOf(choices);
  const Session session = SessionOf(choices);
  const std::uint8_t again = choices.Octet();
  InventedDns::Answers answers;
  const auto invent = [&choices](const DnsQuestion& each) { return InventReply(each, choices); };
  Run run(config, answers, invent, InventedDns::Order::kAsAsked);
  const Verdict verdict = run.Validate(session);
  HoldResults(verdict.checks);
  if ((again & 3U) == 0 || WasCutShort(verdict, run.asked())) return;

  const bool reversed = (again & 1U) != 0;
  Run other(config, answers, invent,
            reversed ? InventedDns::Order::kReversed : InventedDns::Order::kAsAsked);
  if (reversed) {
    const Verdict second = other.Validate(session);
    if (WasCutShort(second, other.asked())) return;
    HoldSame(second, verdict, "the order of answers leaves no trace (docs/rules.md §2)");
  } else if (session.mail_from) {
    Session name = session;
    name.mail_from.reset();
    const Verdict second = other.ValidateMailFrom(other.Validate(name), *session.mail_from);
    HoldSame(second, verdict, "two steps come to the same as one (docs/rules.md §1)");
  }
}

}  // namespace helovet::fuzz
