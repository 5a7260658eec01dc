#include "checks/helo.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/idna.h"

namespace helovet {
namespace {

// Domains that hold no host of the public Internet (docs/rules.md §3; RFC 6761, 6762, 7686, 8375,
// and what private networks have made of .lan, .internal and .localdomain). `.test` and `.example`
// are left out on purpose: demonstrations need them.
constexpr std::array<std::string_view, 7> kSpecialUseSuffixes = {
    ".local", ".localdomain", ".lan", ".internal", ".home.arpa", ".invalid", ".onion",
};
constexpr std::string_view kIpv6Tag = "ipv6:";  // RFC 5321 §4.1.3

std::string_view WithoutTrailingDot(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> Labels(std::string_view name) {
  std::vector<std::string_view> labels;
  for (std::size_t dot; (dot = name.find('.')) != std::string_view::npos;) {
    labels.push_back(name.substr(0, dot));
    name.remove_prefix(dot + 1);
  }
  labels.push_back(name);
  return labels;
}

// `name` without its trailing dot.
bool IsHostName(std::string_view name, bool allow_underscore) {
  if (name.empty() || name.size() > kMaxHostNameOctets) return false;
  const std::vector<std::string_view> labels = Labels(name);
  bool underscore_left = allow_underscore;
  for (const std::string_view label : labels) {
    if (IsLdhLabel(label)) continue;
    if (!underscore_left || !IsUnderscoreLabel(label)) return false;
    underscore_left = false;
  }
  // RFC 1123 §2.1: the highest label is never a number, which tells names from addresses.
  return !std::all_of(labels.back().begin(), labels.back().end(), IsAsciiDigit);
}

// The address between the brackets of an RFC 5321 §4.1.3 literal. Only a tagged one may be, and
// must be, IPv6.
std::optional<IpAddress> LiteralAddress(std::string_view literal) {
  if (literal.size() < 2 || !literal.ends_with(']')) return std::nullopt;
  std::string_view inside = literal.substr(1, literal.size() - 2);
  const bool tagged = LowerCase(inside.substr(0, kIpv6Tag.size())) == kIpv6Tag;
  if (tagged) inside.remove_prefix(kIpv6Tag.size());
  // An IPv4-mapped address parses as IPv4, so its text alone tells which form was used.
  if (tagged != (inside.find(':') != std::string_view::npos)) return std::nullopt;
  return IpAddress::Parse(inside);
}

// Of what is ours; nothing is as long as the configuration leaves it to the host.
template <typename T>
bool IsOneOf(const T& value, const std::optional<std::vector<T>>& ours) {
  return ours && std::find(ours->begin(), ours->end(), value) != ours->end();
}

// Empty for what cannot be a name (docs/rules.md §3; RFC 6531 §3.3 admits U-labels in domains).
std::optional<std::string> WithoutULabels(std::string_view helo, bool smtputf8) {
  const bool ascii =
      std::none_of(helo.begin(), helo.end(), [](char octet) { return (octet & 0x80) != 0; });
  if (ascii) return std::string(helo);
  return smtputf8 ? ToALabels(helo) : std::nullopt;
}

HeloFinding Finding(Result result, Reason reason) {
  HeloFinding finding = {.result = {.check = CheckId::kHelo, .result = result, .reason = reason}};
  return finding;
}

HeloFinding JudgeLiteral(const Session& session, const Config& config) {
  const std::optional<IpAddress> address = LiteralAddress(session.helo);
  if (!address) return Finding(Result::kFail, Reason::kSyntax);

  const bool from_us = IsOneOf(session.client, config.our_addresses);
  HeloFinding finding = Finding(Result::kPass, Reason::kLiteralMatch);
  if (!from_us && IsOneOf(*address, config.our_addresses)) {
    finding = Finding(Result::kFail, Reason::kForgedSelf);
  } else if (*address != session.client) {
    finding = Finding(Result::kFail, Reason::kLiteralMismatch);
  }
  finding.address = address;
  return finding;
}

bool IsLocalhost(std::string_view name) {
  return name == "localhost" || name == "localhost.localdomain" || name.ends_with(".localhost");
}

bool IsSpecialUse(std::string_view name) {
  return std::any_of(kSpecialUseSuffixes.begin(), kSpecialUseSuffixes.end(),
                     [name](std::string_view suffix) {
                       return name.ends_with(suffix) || name == suffix.substr(1);
                     });
}

// `name` in lower case, without its trailing dot, and a host name.
HeloFinding JudgeName(const std::string& name, const Session& session, const Config& config) {
  if (IsLocalhost(name)) return Finding(Result::kFail, Reason::kLocalhost);
  if (IsOneOf(name, config.our_names) && !IsOneOf(session.client, config.our_addresses)) {
    return Finding(Result::kFail, Reason::kForgedSelf);
  }
  if (name.find('.') == std::string::npos) return Finding(Result::kNeutral, Reason::kNotFqdn);
  if (IsSpecialUse(name)) return Finding(Result::kNeutral, Reason::kSpecialUse);

  HeloFinding finding = Finding(Result::kPass, Reason::kFqdn);
  finding.name = DnsName::Parse(name);
  return finding;
}

}  // namespace

HeloFinding CheckHelo(const Session& session, const Config& config) {
  if (session.helo.empty()) return Finding(Result::kFail, Reason::kMissing);
  if (session.helo.starts_with('[')) return JudgeLiteral(session, config);

  const std::optional<std::string> helo = WithoutULabels(session.helo, session.smtputf8);
  if (!helo) return Finding(Result::kFail, Reason::kSyntax);
  const std::string_view name = WithoutTrailingDot(*helo);
  if (const std::optional<IpAddress> address = IpAddress::Parse(name)) {
    HeloFinding finding = Finding(Result::kFail, Reason::kBareIp);
    finding.address = address;
    return finding;
  }
  if (!IsHostName(name, config.helo.allow_underscore)) {
    return Finding(Result::kFail, Reason::kSyntax);
  }
  return JudgeName(LowerCase(name), session, config);
}

}  // namespace helovet
