#include "dns/master_file.h"

#include <array>
#include <memory>
#include <span>

#include <stdbool.h>  // Or ldns makes `bool` and `true` macros.

#include <ldns/ldns.h>

#include "base/ascii.h"
#include "dns/presentation.h"
#include "dns/record_data.h"

namespace helovet {
namespace {

constexpr std::uint32_t kFallbackTtl = 3600;    // As NSD has it.
constexpr std::size_t kMaxStringOctets = 255;   // RFC 1035 §3.3
constexpr std::size_t kMaxRdataOctets = 65535;  // RFC 1035 §3.2.1
constexpr std::size_t kHipTokens = 3;           // RFC 8005 §6: what ldns has as one field.
constexpr std::size_t kMaxQuotedOctets = 60;    // Of a token in a message.
constexpr std::uint32_t kMax8 = 0xff;
constexpr std::uint32_t kMax16 = 0xffff;
constexpr std::uint32_t kMax32 = 0xffffffff;
constexpr std::uint16_t kFirstMetaType = 128;  // RFC 6895 §3.1
constexpr std::uint16_t kLastMetaType = 255;

struct RdfDeleter {
  void operator()(ldns_rdf* field) const { ldns_rdf_deep_free(field); }
};
using RdfPtr = std::unique_ptr<ldns_rdf, RdfDeleter>;

std::string Quoted(std::string_view text) {
  if (text.size() <= kMaxQuotedOctets) return '\'' + std::string(text) + '\'';
  return '\'' + std::string(text.substr(0, kMaxQuotedOctets)) + "...'";
}

std::string BigEndian(std::uint32_t number, std::size_t octets) {
  std::string wire;
  for (std::size_t i = octets; i > 0; --i)
    wire += static_cast<char>(number >> (8 * (i - 1)) & 0xff);
  return wire;
}

std::string TypeName(std::uint16_t type) {
  const ldns_rr_descriptor* const descriptor = ldns_rr_descript(type);
  if (descriptor->_name != nullptr) return descriptor->_name;
  return "TYPE" + std::to_string(type);
}

// Fields that hold all of the rest of a record, white space included.
bool TakesTheRest(int field_type) {
  return field_type == LDNS_RDF_TYPE_B64 || field_type == LDNS_RDF_TYPE_HEX ||
         field_type == LDNS_RDF_TYPE_NSEC || field_type == LDNS_RDF_TYPE_LOC ||
         field_type == LDNS_RDF_TYPE_WKS || field_type == LDNS_RDF_TYPE_IPSECKEY ||
         field_type == LDNS_RDF_TYPE_AMTRELAY || field_type == LDNS_RDF_TYPE_SVCPARAMS;
}

// What ReadData and its like need later on is there.
bool IsWellFormed(std::uint16_t type, const std::string& rdata) {
  const std::span octets(reinterpret_cast<const std::uint8_t*>(rdata.data()), rdata.size());
  if (type == LDNS_RR_TYPE_SOA) return ReadSoaMinimum(octets, 0, octets.size()).has_value();
  if (type == LDNS_RR_TYPE_NS || type == LDNS_RR_TYPE_DNAME) {
    return DnsName::FromWire(octets).has_value();
  }
  const std::optional<DnsType> known = KnownType(type);
  return !known || ReadData(octets, 0, octets.size(), *known).has_value();
}

}  // namespace

tl::unexpected<FileError> MasterFile::ErrorAt(std::size_t at, std::string message) const {
  return scanner_.Error(HasToken(at) ? entry_.tokens[at] : entry_.tokens.back(),
                        std::move(message));
}

FileErrorOr<std::optional<MasterRecord>> MasterFile::Next() {
  while (true) {
    const FileErrorOr<bool> more = scanner_.Next(entry_);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return std::nullopt;
    const MasterToken& first = entry_.tokens.front();
    if (entry_.starts_blank || first.quoted || first.text[0] != '$') return ReadRecord();
    const FileErrorOr<void> read = ReadDirective();
    if (!read) return tl::unexpected(read.error());
  }
}

FileErrorOr<void> MasterFile::ReadDirective() {
  const std::string_view directive = entry_.tokens[0].text;
  const bool is_origin = EqualsIgnoringCase(directive, "$ORIGIN");
  if (!is_origin && !EqualsIgnoringCase(directive, "$TTL")) {
    if (EqualsIgnoringCase(directive, "$INCLUDE")) {
      return ErrorAt(0, "$INCLUDE is not supported; put the file's text here");
    }
    return ErrorAt(0, Quoted(directive) + " is not a known directive");
  }
  if (entry_.tokens.size() != 2) {
    return ErrorAt(2, is_origin ? "$ORIGIN takes one name" : "$TTL takes one time");
  }
  if (is_origin) {
    FileErrorOr<DnsName> origin = ReadName(entry_.tokens[1]);
    if (!origin) return tl::unexpected(std::move(origin.error()));
    origin_ = *std::move(origin);
    return {};
  }
  default_ttl_ = ParsePeriod(entry_.tokens[1].text, kMaxTtl);
  if (!default_ttl_) return ErrorAt(1, Quoted(entry_.tokens[1].text) + " is not a TTL");
  return {};
}

FileErrorOr<MasterRecord> MasterFile::ReadRecord() {
  std::size_t at = entry_.starts_blank ? 0 : 1;
  const FileErrorOr<std::optional<std::uint32_t>> ttl = ReadTtlAndClass(at);
  if (!ttl) return tl::unexpected(ttl.error());
  const FileErrorOr<std::uint16_t> type = ReadType(at);
  if (!type) return tl::unexpected(type.error());
  FileErrorOr<DnsName> owner = ReadOwner();
  if (!owner) return tl::unexpected(std::move(owner.error()));
  owner_ = *owner;
  if (!origin_ && *type == LDNS_RR_TYPE_SOA) origin_ = *owner;
  FileErrorOr<std::string> rdata = ReadRdata(*type, at);
  if (!rdata) return tl::unexpected(std::move(rdata.error()));
  if (*ttl) previous_ttl_ = *ttl;
  return MasterRecord{
      .owner = *std::move(owner),
      .type = *type,
      .ttl = ttl->value_or(default_ttl_.value_or(previous_ttl_.value_or(kFallbackTtl))),
      .rdata = *std::move(rdata),
      .line = entry_.tokens.front().line};
}

// The two may come in either order (RFC 1035 §5.1).
FileErrorOr<std::optional<std::uint32_t>> MasterFile::ReadTtlAndClass(std::size_t& at) const {
  std::optional<std::uint32_t> ttl;
  bool has_class = false;
  for (; HasToken(at) && !entry_.tokens[at].quoted; ++at) {
    const std::string_view text = entry_.tokens[at].text;
    if (!ttl && IsAsciiDigit(text[0])) {
      ttl = ParsePeriod(text, kMaxTtl);
      if (!ttl) return ErrorAt(at, Quoted(text) + " is not a TTL");
      continue;
    }
    if (has_class) break;
    has_class = EqualsIgnoringCase(text, "IN") || EqualsIgnoringCase(text, "CLASS1");
    if (has_class) continue;
    const bool other_class = EqualsIgnoringCase(text, "CH") || EqualsIgnoringCase(text, "HS") ||
                             EqualsIgnoringCase(text, "CS") ||
                             EqualsIgnoringCase(text.substr(0, 5), "CLASS");
    if (other_class) return ErrorAt(at, "the class must be IN");
    break;
  }
  return ttl;
}

FileErrorOr<std::uint16_t> MasterFile::ReadType(std::size_t& at) const {
  if (!HasToken(at)) return ErrorAt(at, "a record without a type");
  const MasterToken& token = entry_.tokens[at];
  std::uint32_t type = 0;
  if (EqualsIgnoringCase(token.text.substr(0, 4), "TYPE") && token.text.size() > 4) {
    type = ParseNumber(token.text.substr(4), kMax16).value_or(0);
  } else if (!token.quoted) {
    type = ldns_get_rr_type_by_name(std::string(token.text).c_str());
  }
  if (type == 0) return ErrorAt(at, Quoted(token.text) + " is not a known record type");
  if (type == LDNS_RR_TYPE_OPT || (type >= kFirstMetaType && type <= kLastMetaType)) {
    return ErrorAt(at, Quoted(token.text) + " is not a type of records in a zone");
  }
  ++at;
  return static_cast<std::uint16_t>(type);
}

FileErrorOr<DnsName> MasterFile::ReadOwner() const {
  if (!entry_.starts_blank) return ReadName(entry_.tokens[0]);
  if (!owner_) return ErrorAt(0, "the first record has no owner");
  return *owner_;
}

FileErrorOr<DnsName> MasterFile::ReadName(const MasterToken& token) const {
  std::optional<DnsName> name;
  if (!token.quoted && IsAbsoluteName(token.text)) {
    name = DnsName::Parse(token.text);
  } else if (!token.quoted) {
    if (!origin_) {
      return scanner_.Error(
          token, Quoted(token.text) + " is relative to an origin, but no $ORIGIN comes before it");
    }
    name = token.text == "@" ? origin_ : origin_->WithPrefix(token.text);
  }
  if (!name) return scanner_.Error(token, Quoted(token.text) + " is not a domain name");
  return *std::move(name);
}

FileErrorOr<std::string> MasterFile::ReadRdata(std::uint16_t type, std::size_t at) const {
  if (HasToken(at) && !entry_.tokens[at].quoted && entry_.tokens[at].text == "\\#") {
    return ReadGenericRdata(type, at + 1);
  }
  const ldns_rr_descriptor* const descriptor = ldns_rr_descript(type);
  const std::size_t most = ldns_rr_descriptor_maximum(descriptor);
  std::string rdata;
  std::size_t fields = 0;
  while (HasToken(at) && fields < most) {
    const int field_type = ldns_rr_descriptor_field_type(descriptor, fields);
    std::size_t tokens = 1;
    if (field_type == LDNS_RDF_TYPE_HIP) tokens = kHipTokens;
    if (fields + 1 == most && TakesTheRest(field_type)) tokens = entry_.tokens.size();
    MasterToken field = entry_.tokens[at++];
    std::string joined;
    if (tokens > 1) {
      joined = field.text;
      for (; --tokens > 0 && HasToken(at); ++at) (joined += ' ') += entry_.tokens[at].text;
      field.text = joined;
    }
    FileErrorOr<std::string> wire = ReadField(field_type, field);
    if (!wire) return wire;
    rdata += *wire;
    if (rdata.size() > kMaxRdataOctets) return ErrorAt(at - 1, "more than 65535 octets of data");
    ++fields;
  }
  if (HasToken(at)) return ErrorAt(at, "more data than type " + TypeName(type) + " has");
  if (fields < ldns_rr_descriptor_minimum(descriptor) || fields == 0) {
    return ErrorAt(at, "less data than type " + TypeName(type) + " needs");
  }
  return rdata;
}

// RFC 3597 §5: \# LENGTH HEX...
FileErrorOr<std::string> MasterFile::ReadGenericRdata(std::uint16_t type, std::size_t at) const {
  if (!HasToken(at)) return ErrorAt(at, "\\# without a length");
  const std::optional<std::uint32_t> length = ParseNumber(entry_.tokens[at].text, kMaxRdataOctets);
  if (!length) return ErrorAt(at, Quoted(entry_.tokens[at].text) + " is not a length");
  std::string hex;
  for (std::size_t i = at + 1; HasToken(i); ++i) hex += entry_.tokens[i].text;
  std::optional<std::string> rdata = ParseHex(hex);
  if (!rdata) return ErrorAt(at + 1, "the data after \\# are not hexadecimal");
  if (rdata->size() != *length) return ErrorAt(at, "the data have another length than \\# says");
  if (!IsWellFormed(type, *rdata)) {
    return ErrorAt(at, "the data are not those of type " + TypeName(type));
  }
  return *std::move(rdata);
}

FileErrorOr<std::string> MasterFile::ReadNumber(std::optional<std::uint32_t> number,
                                                std::size_t octets,
                                                const MasterToken& token) const {
  if (number) return BigEndian(*number, octets);
  const std::uint32_t most = kMax32 >> (32 - 8 * octets);
  return scanner_.Error(token,
                        Quoted(token.text) + " is not a number from 0 to " + std::to_string(most));
}

FileErrorOr<std::string> MasterFile::ReadOctets(const MasterToken& token) const {
  std::optional<std::string> octets = Unescape(token.text);
  if (!octets) return scanner_.Error(token, "an escape is neither \\X nor \\000 to \\255");
  return *std::move(octets);
}

FileErrorOr<std::string> MasterFile::ReadString(const MasterToken& token) const {
  FileErrorOr<std::string> octets = ReadOctets(token);
  if (!octets) return octets;
  if (octets->size() > kMaxStringOctets) {
    return scanner_.Error(token, "a string of more than 255 octets");
  }
  return static_cast<char>(octets->size()) + *octets;
}

FileErrorOr<std::string> MasterFile::ReadField(int field_type, const MasterToken& token) const {
  const bool is_string = field_type == LDNS_RDF_TYPE_STR || field_type == LDNS_RDF_TYPE_LONG_STR;
  if (token.quoted && !is_string) return scanner_.Error(token, "a quoted string is not meant here");
  switch (field_type) {
    case LDNS_RDF_TYPE_DNAME: {
      const FileErrorOr<DnsName> name = ReadName(token);
      if (!name) return tl::unexpected(name.error());
      return std::string(name->wire());
    }
    case LDNS_RDF_TYPE_INT8:
      return ReadNumber(ParseNumber(token.text, kMax8), 1, token);
    case LDNS_RDF_TYPE_INT16:
      return ReadNumber(ParseNumber(token.text, kMax16), 2, token);
    case LDNS_RDF_TYPE_INT32:
      return ReadNumber(ParseNumber(token.text, kMax32), 4, token);
    case LDNS_RDF_TYPE_PERIOD:
      return ReadNumber(ParsePeriod(token.text, kMax32), 4, token);
    case LDNS_RDF_TYPE_STR:
      return ReadString(token);
    case LDNS_RDF_TYPE_LONG_STR:
      return ReadOctets(token);
    case LDNS_RDF_TYPE_NONE:
    case LDNS_RDF_TYPE_UNKNOWN:
      return scanner_.Error(token, "data of this type must have the form \\# LENGTH HEX");
    default:
      break;
  }
  const RdfPtr field(ldns_rdf_new_frm_str(static_cast<ldns_rdf_type>(field_type),
                                          std::string(token.text).c_str()));
  if (field == nullptr) {
    return scanner_.Error(token, Quoted(token.text) + " is not what this type of record holds");
  }
  return std::string(reinterpret_cast<const char*>(ldns_rdf_data(field.get())),
                     ldns_rdf_size(field.get()));
}

}  // namespace helovet
