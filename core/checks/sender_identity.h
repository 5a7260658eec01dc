// What the checks of designated senders know of MAIL FROM.
#ifndef HELOVET_CORE_CHECKS_SENDER_IDENTITY_H_
#define HELOVET_CORE_CHECKS_SENDER_IDENTITY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "dns/name.h"

namespace helovet {

struct SenderIdentity {
  enum class Kind : std::uint8_t {
    kNotSent,   // No MAIL FROM yet.
    kNull,      // MAIL FROM:<>
    kMailbox,   // A mailbox at `domain`.
    kNoDomain,  // Anything else: an address literal, a path without a domain, no host name.
  };
  Kind kind = Kind::kNotSent;
  // Of kMailbox: as DomainOfPath gives it. A source route counts by its mailbox (DMP-01 §7).
  std::optional<DnsName> domain = std::nullopt;
  // Of kMailbox and kNoDomain: what stands before the last "@", as it was sent.
  std::string local_part = {};
  // The mailbox without a source route, as it was sent, for the dialogue of a callback.
  std::string mailbox = {};
};

// `mail_from` as in Session.
[[nodiscard]] SenderIdentity IdentifySender(const std::optional<std::string>& mail_from);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_SENDER_IDENTITY_H_
