#include "publication/zone_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/ascii.h"
#include "dns/presentation.h"
#include "nlohmann/json.hpp"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxStringOctets = 255;  // RFC 1035 §3.3

// Octets of names that no reader of master files takes for anything else.
bool IsPlain(char octet) {
  return IsAsciiLetter(octet) || IsAsciiDigit(octet) || octet == '-' || octet == '_' ||
         octet == '*' || octet == '/';
}

struct DataWriter {
  std::string operator()(const DnsName& name) const { return ZoneName(name); }
  std::string operator()(const SrvData& srv) const {
    return std::to_string(srv.priority) + ' ' + std::to_string(srv.weight) + ' ' +
           std::to_string(srv.port) + ' ' + ZoneName(srv.target);
  }
  std::string operator()(const MxData& mx) const {
    return std::to_string(mx.preference) + ' ' + ZoneName(mx.exchange);
  }
  std::string operator()(const std::string& text) const { return ZoneStrings(text); }
  // Addresses and APL read back as they are shown anywhere else.
  std::string operator()(const auto& /*other*/) const { return record.DataToString(); }

  const DnsRecord& record;
};

// `name` as it stands below $ORIGIN `apex`, which has its final dot.
std::string Relative(const std::string& name, const std::string& apex) {
  if (name == apex) return "@";
  const std::string tail = "." + apex;
  if (apex.size() < 2 || !name.ends_with(tail)) return name;
  return name.substr(0, name.size() - tail.size());
}

// A line of the zone whose TTL is `ttl` where none is written.
std::string Line(const ZoneRecord& record, const std::string& apex, std::uint32_t ttl) {
  if (apex.empty() || record.elsewhere) return ToString(record);
  std::string text = Relative(record.owner, apex);
  if (record.ttl != ttl) text += ' ' + std::to_string(record.ttl);
  return text + " IN " + record.type + ' ' + record.data;
}

}  // namespace

std::string ZoneName(const DnsName& name) {
  if (name.is_root()) return ".";
  std::string text;
  std::string_view wire = name.wire();
  while (wire.size() > 1) {
    const auto length = static_cast<std::uint8_t>(wire[0]);
    for (const char octet : wire.substr(1, length)) {
      if (IsPlain(octet)) {
        text += octet;
      } else {
        AppendDecimalEscape(text, octet);
      }
    }
    text += '.';
    wire.remove_prefix(std::size_t{length} + 1);
  }
  return text;
}

std::string ZoneStrings(std::string_view octets) {
  std::string text;
  do {
    if (!text.empty()) text += ' ';
    AppendQuotedString(text, octets.substr(0, kMaxStringOctets));
    octets.remove_prefix(std::min(octets.size(), kMaxStringOctets));
  } while (!octets.empty());
  return text;
}

ZoneRecord ZoneRecordOf(const DnsRecord& record) {
  return {.owner = ZoneName(record.owner),
          .ttl = record.ttl,
          .type = std::string(ToString(record.type)),
          .data = std::visit(DataWriter{record}, record.data)};
}

std::string ToString(const ZoneRecord& record) {
  return record.owner + ' ' + std::to_string(record.ttl) + " IN " + record.type + ' ' + record.data;
}

std::string RenderZone(const Publication& publication) {
  std::string text;
  const std::uint32_t ttl =
      publication.records.empty() ? kDefaultPublishedTtl : publication.records.front().ttl;
  if (!publication.apex.empty()) {
    text = "$ORIGIN " + publication.apex + "\n$TTL " + std::to_string(ttl) + '\n';
  }
  std::string_view note;
  for (const ZoneRecord& record : publication.records) {
    if (record.note != note && !record.note.empty()) text += "; " + record.note + '\n';
    note = record.note;
    if (record.elsewhere) text += "; ";
    text += Line(record, publication.apex, ttl) + '\n';
  }
  return text;
}

std::string RenderPublicationJson(const Publication& publication) {
  Json json = {{"apex", nullptr}};
  if (!publication.apex.empty()) json["apex"] = publication.apex;
  Json& records = json["records"] = Json::array();
  for (const ZoneRecord& record : publication.records) {
    records.push_back({{"owner", record.owner},
                       {"ttl", record.ttl},
                       {"type", record.type},
                       {"data", record.data},
                       {"note", record.note},
                       {"elsewhere", record.elsewhere}});
  }
  Json& warnings = json["warnings"] = Json::array();
  for (const PlanRemark& warning : publication.warnings) {
    warnings.push_back(
        {{"part", ToString(warning.part)}, {"value", warning.value}, {"message", warning.message}});
  }
  // ASCII alone: a C1 control in UTF-8 is a command to some terminals. `replace` never throws.
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace helovet
