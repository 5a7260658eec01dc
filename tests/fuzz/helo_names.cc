// HELO arguments: names, literals, and whatever else clients send (RFC 5321 §4.1.1.1; docs/rules.md
// §3). The first octet chooses the client and the settings, the others are the argument.
#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/host_name.h"
#include "checks/answers.h"
#include "checks/helo.h"
#include "checks/spf/macro.h"
#include "fuzz.h"
#include "helovet/config.h"
#include "helovet/ip_address.h"
#include "results.h"

namespace helovet::fuzz {
namespace {

bool IsSame(const HeloFinding& a, const HeloFinding& b) {
  return a.result.result == b.result.result && a.result.reason == b.result.reason &&
         a.name == b.name && a.address == b.address;
}

// The name that is asked about is one, and the same when a client sends it as we write it.
void HoldName(const DnsName& name, Session session, const Config& config) {
  const std::string text = name.ToString();
  Hold(text.size() <= kMaxHostNameOctets && text == LowerCase(text),
       "a name is bounded and folded");
  Hold(!FindBadLabel(text) && text.find('.') != text.npos, "a name is of host names' labels");
  Hold(DnsName::Parse(text) == name, "a name reads as it is written");
  Hold(spf::NameOfText(spf::TextOfName(name)) == name, "SPF's text is that of the name");
  session.helo = text;
  session.smtputf8 = false;
  Hold(CheckHelo(session, config).name == name, "the name in A-labels is the same name");
}

void HoldAddress(const HeloFinding& finding, const Session& session) {
  const Reason reason = finding.result.reason;
  Hold(reason == Reason::kBareIp || reason == Reason::kForgedSelf ||
           (reason == Reason::kLiteralMatch) == (*finding.address == session.client),
       "a literal matches the address that it says");
  Hold(IpAddress::Parse(finding.address->ToString()) == finding.address,
       "an address reads as it is written");
  Hold(DnsName::Parse(finding.address->ReverseName()).has_value(), "an address has a reverse name");
}

// docs/rules.md §1: case never matters, nor does one final dot of a name.
void HoldSpelling(const HeloFinding& finding, Session session, const Config& config) {
  const std::string helo = session.helo;
  std::ranges::transform(helo, session.helo.begin(), [](char octet) {
    return octet >= 'a' && octet <= 'z' ? static_cast<char>(octet - 'a' + 'A') : octet;
  });
  Hold(IsSame(CheckHelo(session, config), finding), "case does not matter");
  if (helo.empty() || helo.ends_with('.') || helo.starts_with('[')) return;
  session.helo = helo + '.';
  Hold(IsSame(CheckHelo(session, config), finding), "a final dot does not count");
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  const std::uint8_t settings = choices.Octet();
  Config config;
  config.our_names = {"mx.example.net"};
  config.our_addresses = {*IpAddress::Parse("192.0.2.25"), *IpAddress::Parse("2001:db8::25")};
  config.helo.allow_underscore = (settings & 1U) != 0;
  const char* const client = (settings & 2U) != 0 ? "2001:db8::1" : "192.0.2.1";
  const Session session = {.client = *IpAddress::Parse(client),
                           .helo = std::string(choices.rest()),
                           .smtputf8 = (settings & 4U) != 0};
  const HeloFinding finding = CheckHelo(session, config);
  Hold(finding.name.has_value() == (finding.result.reason == Reason::kFqdn), "fqdn has a name");
  if (finding.name) HoldName(*finding.name, session, config);
  if (finding.address) HoldAddress(finding, session);
  if (std::ranges::all_of(session.helo, [](char octet) { return (octet & 0x80) == 0; })) {
    HoldSpelling(finding, session, config);
  }
  HoldResults({&finding.result, 1});
}

}  // namespace helovet::fuzz
