// Whose word a check of senders judged, in forms that renderers share.
#ifndef HELOVET_CORE_RENDER_IDENTITY_H_
#define HELOVET_CORE_RENDER_IDENTITY_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "helovet/result.h"
#include "helovet/session.h"

namespace helovet {

// Octets of a domain's explanation, escaped, where it stands beside words of ours (docs/rules.md
// §11.5).
inline constexpr std::size_t kMaxExplanationOctets = 200;

// "helo" or "mail-from".
[[nodiscard]] std::string_view ToString(Identity identity);

// Whether CheckResult::identity tells something: other checks speak of one identity always.
[[nodiscard]] bool HasIdentity(CheckId check);

// Whether the result speaks of MAIL FROM. Of the null sender it speaks by the HELO name (RFC 7208
// §2.4).
[[nodiscard]] bool IsOfMailFrom(const CheckResult& check, const Session& session);

// Whose words CheckResult::explanation has: the sender's domain as it was sent, without its local
// part (the whole path where there is no "@"), or the HELO name. Any octets.
[[nodiscard]] std::string_view DomainOf(const CheckResult& check, const Session& session);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_IDENTITY_H_
