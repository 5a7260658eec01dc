#include "publication/published_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/idna.h"
#include "base/printable.h"
#include "checks/helo.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "helovet/session.h"

namespace helovet {
namespace {

using Mistake = std::optional<std::string>;

struct Block {
  std::string_view network;
  std::string_view purpose;  // With its source.
};

constexpr auto kNoSender = std::to_array<Block>({
    {"0.0.0.0/8", "\"this host\", which nobody sends from (RFC 1122)"},
    {"224.0.0.0/4", "a group of hosts (RFC 5771)"},
    {"240.0.0.0/4", "reserved (RFC 1112)"},
    {"::/128", "unspecified (RFC 4291)"},
    {"ff00::/8", "a group of hosts (RFC 4291)"},
});

constexpr auto kNeverSeen = std::to_array<Block>({
    {"10.0.0.0/8", "private (RFC 1918)"},
    {"172.16.0.0/12", "private (RFC 1918)"},
    {"192.168.0.0/16", "private (RFC 1918)"},
    {"100.64.0.0/10", "shared (RFC 6598)"},
    {"127.0.0.0/8", "a loopback address (RFC 1122)"},
    {"169.254.0.0/16", "link-local (RFC 3927)"},
    {"::1/128", "a loopback address (RFC 4291)"},
    {"fe80::/10", "link-local (RFC 4291)"},
    {"fc00::/7", "private (RFC 4193)"},
});

template <std::size_t kCount>
Mistake PurposeOf(const IpAddress& address, const std::array<Block, kCount>& blocks) {
  for (const Block& block : blocks) {
    const std::optional<IpNetwork> network = IpNetwork::Parse(block.network);
    if (network && network->Contains(address)) return "is " + std::string(block.purpose);
  }
  return std::nullopt;
}

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char octet) { return (octet & 0x80) != 0; });
}

Mistake WrongLabel(std::string_view label, NameKind kind) {
  if (label.empty()) return "has an empty label";
  if (label.size() > kMaxLabelOctets) return "has a label of more than 63 octets (RFC 1035 2.3.4)";
  if (IsLdhLabel(label) || (kind == NameKind::kService && IsUnderscoreLabel(label))) {
    return std::nullopt;
  }
  return "has a label that is not letters, digits and inner hyphens (RFC 1123 2.1): " +
         Printable(label);
}

// `name` without its final dot.
Mistake WrongSyntax(std::string_view name, NameKind kind) {
  if (name.empty()) return "is no name";
  if (IpAddress::Parse(name)) return "is an address, and no name";
  if (name.size() > kMaxHostNameOctets) return "is longer than 253 octets (RFC 1035 2.3.4)";
  std::string_view rest = name;
  for (bool more = true; more;) {
    const std::size_t dot = rest.find('.');
    more = dot != std::string_view::npos;
    const std::string_view label = rest.substr(0, dot);
    if (Mistake mistake = WrongLabel(label, kind)) return mistake;
    if (!more && std::all_of(label.begin(), label.end(), IsAsciiDigit)) {
      return "ends in a number, which no name of a host does (RFC 1123 2.1)";
    }
    if (more) rest.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

// What receivers make of `name` in HELO, by the check that they run.
Mistake RefusedInHelo(const std::string& name) {
  const Session session = {.client = IpAddress::FromV4({}), .helo = name};
  const HeloFinding finding = CheckHelo(session, Config());
  if (finding.name) return std::nullopt;
  return "is not what receivers take for a host: " + std::string(Meaning(finding.result.reason));
}

}  // namespace

tl::expected<DnsName, std::string> ReadPublishedName(std::string_view text, NameKind kind) {
  std::string name(text);
  if (!IsAscii(text)) {
    const std::optional<std::string> converted = ToALabels(text);
    if (!converted) return tl::make_unexpected("is no name in UTF-8 that IDNA2008 has");
    name = *converted;
  }
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  if (kind != NameKind::kZone) {
    if (Mistake mistake = WrongSyntax(name, kind)) return tl::make_unexpected(*mistake);
  }
  if (kind == NameKind::kHost) {
    if (Mistake mistake = RefusedInHelo(name)) return tl::make_unexpected(*mistake);
  }
  const std::optional<DnsName> parsed = DnsName::Parse(name);
  if (!parsed) return tl::make_unexpected("is no domain name (RFC 1035 2.3.1, 5.1)");
  return *parsed;
}

tl::expected<IpAddress, std::string> ReadPublishedAddress(std::string_view text) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  if (!address) return tl::make_unexpected("is not an IPv4 or IPv6 address");
  if (Mistake mistake = PurposeOf(*address, kNoSender)) return tl::make_unexpected(*mistake);
  return *address;
}

std::optional<std::string> WhyNeverSeen(const IpAddress& address) {
  return PurposeOf(address, kNeverSeen);
}

}  // namespace helovet
