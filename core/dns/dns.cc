#include "dns/dns.h"

#include <algorithm>

#include "base/ascii.h"
#include "dns/presentation.h"

namespace helovet {
namespace {

// RFC 3123 §5: "!1:192.0.2.0/24". Without an address where the family is unknown.
std::string ToText(const AplData::Item& item) {
  std::string text = (item.negated ? "!" : "") + std::to_string(item.family) + ':';
  if (item.family == kAplIpv4) {
    IpAddress::V4Bytes bytes{};
    std::copy_n(item.address.begin(), bytes.size(), bytes.begin());
    text += IpAddress::FromV4(bytes).ToString();
  } else if (item.family == kAplIpv6) {
    text += IpAddress::FromV6(item.address).ToString();
  }
  return text + '/' + std::to_string(item.prefix_bits);
}

struct DataPrinter {
  std::string operator()(const IpAddress& address) const { return address.ToString(); }
  std::string operator()(const DnsName& name) const { return name.ToString(); }
  std::string operator()(const SrvData& srv) const {
    return std::to_string(srv.priority) + ' ' + std::to_string(srv.weight) + ' ' +
           std::to_string(srv.port) + ' ' + srv.target.ToString();
  }
  std::string operator()(const MxData& mx) const {
    return std::to_string(mx.preference) + ' ' + mx.exchange.ToString();
  }
  std::string operator()(const AplData& apl) const {
    std::string text;
    for (const AplData::Item& item : apl.items) text += (text.empty() ? "" : " ") + ToText(item);
    return text;
  }
  std::string operator()(const std::string& octets) const {
    std::string text;
    AppendQuotedString(text, octets);
    return text;
  }
};

}  // namespace

std::string_view ToString(DnsType type) {
  switch (type) {
    case DnsType::kA:
      return "A";
    case DnsType::kCname:
      return "CNAME";
    case DnsType::kPtr:
      return "PTR";
    case DnsType::kMx:
      return "MX";
    case DnsType::kTxt:
      return "TXT";
    case DnsType::kAaaa:
      return "AAAA";
    case DnsType::kSrv:
      return "SRV";
    case DnsType::kApl:
      return "APL";
  }
  return "";
}

std::string_view ToString(DnsOutcome outcome) {
  switch (outcome) {
    case DnsOutcome::kOk:
      return "ok";
    case DnsOutcome::kNoData:
      return "nodata";
    case DnsOutcome::kNxDomain:
      return "nxdomain";
    case DnsOutcome::kAliasChain:
      return "alias-chain";
    case DnsOutcome::kTimeout:
      return "timeout";
    case DnsOutcome::kServFail:
      return "servfail";
    case DnsOutcome::kRefused:
      return "refused";
    case DnsOutcome::kNotImp:
      return "notimp";
    case DnsOutcome::kFormErr:
      return "formerr";
    case DnsOutcome::kMalformed:
      return "malformed";
    case DnsOutcome::kUnreachable:
      return "unreachable";
    case DnsOutcome::kQueryLimit:
      return "query-limit";
    case DnsOutcome::kTooLarge:
      return "too-large";
  }
  return "";
}

std::string DnsRecord::DataToString() const { return std::visit(DataPrinter{}, data); }

}  // namespace helovet
