// Whether a source of answers has an accreditor's zone.
#ifndef HELOVET_CORE_ACCREDITATION_VERIFICATION_H_
#define HELOVET_CORE_ACCREDITATION_VERIFICATION_H_

#include <cstddef>
#include <optional>

#include "dns/dns.h"
#include "helovet/accreditation.h"
#include "helovet/loop.h"

namespace helovet {

// Questions at the same time. Ours: half of what a socket's receive buffer of 208 KiB, as Linux has
// it, holds of answers over the sockets in use (dns/udp_pool.h).
inline constexpr std::size_t kAccreditationQuestionsInFlight = 256;
// Failures without an answer of use between them. Ours: a server that is gone costs seconds, not
// the hours that a million time limits take.
inline constexpr std::size_t kMaxFailuresInRow = 1000;
// Of a record's data that is told as found. Ours.
inline constexpr std::size_t kMaxFoundOctets = 300;

// VerifyAccreditation, of answers that `dns` gives.
[[nodiscard]] AccreditationComparison CompareAccreditation(
    Loop& loop, Dns& dns, const AccreditationList& list, const AccreditationZone& zone,
    std::optional<std::size_t> sample = std::nullopt, const TaskProgress& progress = nullptr);

}  // namespace helovet

#endif  // HELOVET_CORE_ACCREDITATION_VERIFICATION_H_
