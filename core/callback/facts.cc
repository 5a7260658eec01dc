#include "callback/facts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ascii.h"
#include "base/printable.h"
#include "smtp/callable.h"
#include "store/store.h"

namespace helovet {
namespace {

// Of the server's words in a value. Ours: a line of a log.
constexpr std::size_t kMaxWordsOctets = 200;

struct Fact {
  std::string_view word;
  Result result;
  Reason reason;
};
constexpr std::array<Fact, 2> kAddressFacts = {{
    {"accepted", Result::kPass, Reason::kAccepted},
    {"refused-rcpt", Result::kFail, Reason::kRefusedRcpt},
}};
constexpr std::string_view kUnreachable = "unreachable";
constexpr std::array<Fact, 5> kDomainFacts = {{
    {"bad-domain", Result::kFail, Reason::kBadDomain},
    {"no-mx", Result::kFail, Reason::kNoMx},
    {"refused-mail-from", Result::kFail, Reason::kRefusedMailFrom},
    {"catch-all", Result::kNeutral, Reason::kCatchAll},
    {kUnreachable, Result::kTemperror, Reason::kConnect},
}};
constexpr std::string_view kTakesNullSender = "takes-null-sender";
constexpr std::string_view kNoCatchAll = "takes-null-sender no-catch-all";

constexpr std::size_t kSubnetOctets = 8;

// Whoever has an address of IPv6 has its /64 (RFC 6177 §2), and could have every call lead to
// another one.
std::string HostText(const IpAddress& address) {
  if (address.is_v4() || IsBehindNat64(address)) return address.ToString();
  IpAddress::V6Bytes subnet{};
  std::ranges::copy(address.bytes().first(kSubnetOctets), subnet.begin());
  return IpAddress::FromV6(subnet).ToString() + "/64";
}

// `value` is `words`, or begins with them and a blank.
bool BeginsWith(std::string_view value, std::string_view words) {
  return value.starts_with(words) && (value.size() == words.size() || value[words.size()] == ' ');
}

std::optional<KnownResult> Read(std::span<const Fact> facts, std::string_view value) {
  for (const Fact& fact : facts) {
    if (BeginsWith(value, fact.word)) return KnownResult{fact.result, fact.reason};
  }
  return std::nullopt;
}

// Where among `facts` the result of `outcome` is.
std::optional<std::string_view> WordOf(std::span<const Fact> facts, const CallOutcome& outcome) {
  for (const Fact& fact : facts) {
    if (fact.result == outcome.result && fact.reason == outcome.reason) return fact.word;
  }
  return std::nullopt;
}

// `words`, and what decided in the server's own.
std::string WithReply(std::string words, const CallOutcome& outcome) {
  if (outcome.evidence.empty() || outcome.evidence.back().text.empty()) return words;
  return words + " " + Printable(outcome.evidence.back().text).substr(0, kMaxWordsOctets);
}

}  // namespace

std::string MailboxText(const SenderIdentity& sender) {
  std::string text;
  for (const char octet : sender.mailbox.substr(0, sender.mailbox.rfind('@'))) {
    if (IsAsciiPrintable(octet) && octet != '\\') {
      text += octet;
    } else {
      AppendHexEscape(text, octet);
    }
  }
  return text + "@" + sender.domain->ToString();
}

CallbackKeys::CallbackKeys(const SenderIdentity& sender) {
  const std::string mailbox = MailboxText(sender);
  const std::string name = sender.domain->ToString();
  address = "cbv address " + mailbox;
  outcome = "cbv outcome " + mailbox;
  call = "cbv call " + mailbox;
  domain = "cbv domain " + name;
  domain_calls = "cbv calls " + name;
  domain_rate = "cbv rate " + name;
  mailbox_fits = std::max({address.size(), outcome.size(), call.size()}) <= kMaxStoreKeyOctets;
}

std::string HostCallsKey(const IpAddress& address) { return "cbv host calls " + HostText(address); }
std::string HostRateKey(const IpAddress& address) { return "cbv host rate " + HostText(address); }

std::optional<KnownResult> ReadAddressFact(std::string_view value) {
  return Read(kAddressFacts, value);
}

std::optional<KnownResult> ReadDomainFact(std::string_view value) {
  return Read(kDomainFacts, value);
}

DomainPraise ReadDomainPraise(std::string_view value) {
  if (BeginsWith(value, kNoCatchAll)) return DomainPraise::kNoCatchAll;
  if (BeginsWith(value, kTakesNullSender)) return DomainPraise::kTakesNullSender;
  return DomainPraise::kNone;
}

std::optional<KnownResult> ReadOutcome(std::string_view value) {
  for (const ResultRule& rule : ResultRules()) {
    if (rule.check != CheckId::kCbv || rule.result == Result::kSkipped) continue;
    const std::string words =
        std::string(ToString(rule.result)) + " " + std::string(ToString(rule.reason));
    if (BeginsWith(value, words)) return KnownResult{rule.result, rule.reason};
  }
  return std::nullopt;
}

std::optional<FactToPut> AddressFactOf(const CallOutcome& outcome) {
  const std::optional<std::string_view> word = WordOf(kAddressFacts, outcome);
  if (!word) return std::nullopt;
  return FactToPut{WithReply(std::string(*word), outcome), outcome.result == Result::kPass};
}

std::optional<FactToPut> DomainFactOf(const CallOutcome& outcome, const CallOptions& options,
                                      DomainPraise praise) {
  if (const std::optional<std::string_view> word = WordOf(kDomainFacts, outcome);
      word && *word != kUnreachable) {
    return FactToPut{WithReply(std::string(*word), outcome), false};
  }
  if (outcome.domain.reachable == false) {
    return FactToPut{WithReply(std::string(kUnreachable), outcome), false};
  }
  if (outcome.domain.takes_null_sender != true) return std::nullopt;
  // Only what says more than the fact that lives, whose time would else begin anew without a proof.
  // Where a probe was to be made and has said nothing, a success would keep a later "catch-all"
  // out.
  if (outcome.domain.catch_all == false) {
    if (praise == DomainPraise::kNoCatchAll) return std::nullopt;
    return FactToPut{std::string(kNoCatchAll), true};
  }
  if (options.catch_all || praise != DomainPraise::kNone) return std::nullopt;
  return FactToPut{std::string(kTakesNullSender), true};
}

std::string OutcomeValue(const CallOutcome& outcome) {
  return WithReply(
      std::string(ToString(outcome.result)) + " " + std::string(ToString(outcome.reason)), outcome);
}

}  // namespace helovet
