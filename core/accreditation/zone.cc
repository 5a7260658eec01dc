// The zone of an accreditor.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accreditation/list_builder.h"
#include "accreditation/zone_names.h"
#include "base/ascii.h"
#include "base/host_name.h"
#include "base/input_file.h"
#include "dns/dns.h"
#include "dns/master_file.h"
#include "dns/presentation.h"
#include "dns/record_data.h"
#include "helovet/accreditation.h"
#include "publication/zone_text.h"

namespace helovet {
namespace {

// RFC 1912 §2.2 and RFC 1035 §3.3.13, in seconds: how often secondary servers look for a new
// serial, and try again; how long they go on without; and how long it is remembered that a domain
// has no report, which is what a newly listed domain waits for.
constexpr std::string_view kRefreshRetryExpire = "3600 900 1209600";
constexpr std::uint32_t kMinimum = 900;
constexpr std::size_t kPieceOctets = std::size_t{64} * 1024;
constexpr std::uint16_t kSoaType = 6;           // RFC 1035 §3.2.2
constexpr std::size_t kSoaNumbersOctets = 20;   // RFC 1035 §3.3.13: SERIAL to MINIMUM
constexpr std::size_t kZoneHeadOctets = 16384;  // More than stands before any SOA of ours.

tl::unexpected<ZoneMistake> Mistake(ZoneMistakeKind kind, std::string_view value) {
  return tl::make_unexpected(ZoneMistake{kind, std::string(value)});
}

bool IsInZone(std::string_view name, std::string_view zone) {
  return name == zone || (name.ends_with(zone) && name.size() > zone.size() &&
                          name[name.size() - zone.size() - 1] == '.');
}

// RFC 1035 §8: the local part becomes a label. Ours takes what needs no escape but the dot's.
std::optional<std::string> MailboxName(std::string_view mailbox) {
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > kMaxLabelOctets) return std::nullopt;
  // RFC 5321 §4.1.2, Dot-string: no dot at an end or beside another one.
  if (('.' + std::string(mailbox.substr(0, at)) + '.').find("..") != std::string::npos) {
    return std::nullopt;
  }
  const std::optional<std::string> domain = DomainOf(mailbox.substr(at + 1));
  if (!domain) return std::nullopt;
  std::string name;
  for (const char octet : mailbox.substr(0, at)) {
    if (octet == '.') {
      name += '\\';
    } else if (!IsAsciiLetter(octet) && !IsAsciiDigit(octet) && octet != '-' && octet != '_' &&
               octet != '+') {
      return std::nullopt;
    }
    name += octet;
  }
  name += '.' + *domain;
  if (!DnsName::Parse(name)) return std::nullopt;
  return name;
}

std::optional<std::uint16_t> PortOf(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool ReadContact(std::string_view text, AccreditationZone& zone) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::optional<std::string> host = DomainOf(text.substr(0, colon));
  const std::optional<std::uint16_t> port = PortOf(text.substr(colon + 1));
  if (!host || !port) return false;
  zone.contact_host = *std::move(host);
  zone.contact_port = *port;
  return true;
}

tl::expected<void, ZoneMistake> ReadAddress(std::string_view text, AccreditationZone& zone) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return Mistake(ZoneMistakeKind::kAddress, text);
  std::optional<std::string> name = DomainOf(text.substr(0, equals));
  const std::optional<IpAddress> address = IpAddress::Parse(text.substr(equals + 1));
  if (!name || !address) return Mistake(ZoneMistakeKind::kAddress, text);
  if (!IsInZone(*name, zone.name)) return Mistake(ZoneMistakeKind::kForeignAddress, text);
  zone.addresses.emplace_back(*std::move(name), *address);
  return {};
}

// RFC 1912 §2.3: who is named in a zone has its addresses there.
tl::expected<void, ZoneMistake> CheckAddresses(const AccreditationZone& zone) {
  std::vector<std::string_view> named(zone.servers.begin(), zone.servers.end());
  named.push_back(zone.contact_host);
  for (const std::string_view name : named) {
    const bool known = std::any_of(zone.addresses.begin(), zone.addresses.end(),
                                   [name](const auto& address) { return address.first == name; });
    if (IsInZone(name, zone.name) && !known) return Mistake(ZoneMistakeKind::kNoAddress, name);
  }
  return {};
}

// `name` as it stands below $ORIGIN.
std::string OwnerOf(std::string_view name, std::string_view zone) {
  if (name == zone) return "@";
  return std::string(name.substr(0, name.size() - zone.size() - 1));
}

std::string HeadOf(const AccreditationZone& zone, std::uint32_t serial) {
  std::string head =
      "; An accreditor's reports (draft-ietf-marid-csv-dna-02 section 6).\n$ORIGIN " + zone.name +
      ".\n$TTL " + std::to_string(zone.ttl) + "\n@ SOA ";
  head += zone.servers.front() + ". " + zone.mailbox + ". " + std::to_string(serial) + ' ';
  head.append(kRefreshRetryExpire) += ' ' + std::to_string(std::min(kMinimum, zone.ttl)) + '\n';
  for (const std::string& server : zone.servers) head += "@ NS " + server + ".\n";
  for (const auto& [name, address] : zone.addresses) {
    head +=
        OwnerOf(name, zone.name) + (address.is_v4() ? " A " : " AAAA ") + address.ToString() + '\n';
  }
  if (!zone.contact_host.empty()) {
    head.append(kVouchLabels) +=
        " SRV 0 0 " + std::to_string(zone.contact_port) + ' ' + zone.contact_host + ".\n";
  }
  return head;
}

}  // namespace

std::string ReportText(const AccreditationList::Entry& entry) {
  std::string text = "MARID,1,";
  text += ToString(entry.rating);
  if (!entry.info.empty()) text += ';' + entry.info;
  return text;
}

tl::expected<AccreditationZone, ZoneMistake> ParseAccreditationZone(
    const AccreditationZoneText& text) {
  AccreditationZone zone;
  std::optional<std::string> name = DomainOf(text.name);
  if (!name || name->size() + kVouchLabels.size() + 1 > kMaxHostNameOctets) {
    return Mistake(ZoneMistakeKind::kName, text.name);
  }
  zone.name = *std::move(name);
  for (const std::string& server : text.servers) {
    std::optional<std::string> host = DomainOf(server);
    if (!host) return Mistake(ZoneMistakeKind::kServer, server);
    zone.servers.push_back(*std::move(host));
  }
  std::optional<std::string> mailbox =
      MailboxName(text.mailbox.empty() ? "hostmaster@" + zone.name : text.mailbox);
  if (!mailbox) return Mistake(ZoneMistakeKind::kMailbox, text.mailbox);
  zone.mailbox = *std::move(mailbox);
  if (!text.contact.empty() && !ReadContact(text.contact, zone)) {
    return Mistake(ZoneMistakeKind::kContact, text.contact);
  }
  for (const std::string& address : text.addresses) {
    const tl::expected<void, ZoneMistake> read = ReadAddress(address, zone);
    if (!read) return tl::make_unexpected(read.error());
  }
  const std::optional<std::uint32_t> ttl = ParsePeriod(text.ttl, kMaxTtl);
  if (!ttl) return Mistake(ZoneMistakeKind::kTtl, text.ttl);
  zone.ttl = *ttl;
  const tl::expected<void, ZoneMistake> known = CheckAddresses(zone);
  if (!known) return tl::make_unexpected(known.error());
  return zone;
}

std::uint32_t SerialOfDate(std::chrono::system_clock::time_point now,
                           std::optional<std::uint32_t> former) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
  const std::uint32_t first = ((year * 100 + static_cast<unsigned>(date.month())) * 100 +
                               static_cast<unsigned>(date.day())) *
                              100;
  return former && *former >= first ? *former + 1 : first;
}

std::optional<std::uint32_t> SerialOfZoneFile(const std::string& path) {
  tl::expected<InputFile, int> file = InputFile::Open(path);
  if (!file) return std::nullopt;
  std::string head(kZoneHeadOctets, '\0');
  std::size_t used = 0;
  while (used < head.size()) {
    const auto count = file->Read(std::span(head.data() + used, head.size() - used));
    if (!count) return std::nullopt;
    if (*count == 0) break;
    used += *count;
  }
  MasterFile records(path, std::string_view(head).substr(0, used));
  const auto record = records.Next();
  if (!record || !*record || (*record)->type != kSoaType) return std::nullopt;
  const std::string& rdata = (*record)->rdata;
  if (rdata.size() < kSoaNumbersOctets) return std::nullopt;
  std::uint32_t serial = 0;
  for (const char octet : rdata.substr(rdata.size() - kSoaNumbersOctets, 4)) {
    serial = serial << 8U | static_cast<unsigned char>(octet);
  }
  return serial;
}

bool WriteAccreditationZone(const AccreditationList& list, const AccreditationZone& zone,
                            std::uint32_t serial, const TextSink& sink,
                            const TaskProgress& progress) {
  std::string piece = HeadOf(zone, serial);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const AccreditationList::Entry entry = list.At(i);
    piece += entry.domain + " TXT " + ZoneStrings(ReportText(entry)) + '\n';
    if (piece.size() < kPieceOctets) continue;
    if (!sink(piece)) return false;
    piece.clear();
    if (progress) progress(i + 1, list.size());
  }
  return piece.empty() || sink(piece);
}

}  // namespace helovet
