#include "checks/sender_identity.h"

#include <cstddef>
#include <string_view>

#include "checks/sender.h"

namespace helovet {
namespace {

// RFC 5321 §4.1.2, A-d-l: what stands behind "@one.example,@two.example:". An address literal among
// the hosts may have colons of its own. A path that only begins like a source route stays whole.
std::string_view WithoutSourceRoute(std::string_view path) {
  if (!path.starts_with('@')) return path;
  bool in_literal = false;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '[') in_literal = true;
    if (path[at] == ']') in_literal = false;
    if (path[at] == ':' && !in_literal) return path.substr(at + 1);
  }
  return path;
}

}  // namespace

SenderIdentity IdentifySender(const std::optional<std::string>& mail_from) {
  using Kind = SenderIdentity::Kind;
  if (!mail_from) return {.kind = Kind::kNotSent};
  if (mail_from->empty()) return {.kind = Kind::kNull};

  const std::string_view mailbox = WithoutSourceRoute(*mail_from);
  SenderIdentity sender = {.kind = Kind::kNoDomain, .mailbox = std::string(mailbox)};
  // Without an "@" all of it is the local part.
  sender.local_part = mailbox.substr(0, mailbox.rfind('@'));
  if (const std::optional<std::string> domain = DomainOfPath(mailbox)) {
    sender.domain = DnsName::Parse(*domain);
  }
  if (sender.domain) sender.kind = Kind::kMailbox;
  return sender;
}

}  // namespace helovet
