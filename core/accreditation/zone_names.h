// Names that every accreditor's zone has.
#ifndef HELOVET_CORE_ACCREDITATION_ZONE_NAMES_H_
#define HELOVET_CORE_ACCREDITATION_ZONE_NAMES_H_

#include <string_view>

namespace helovet {

// DNA-02 §4: before an accreditor's name, where its contact point is.
inline constexpr std::string_view kVouchLabels = "_vouch._smtp";

}  // namespace helovet

#endif  // HELOVET_CORE_ACCREDITATION_ZONE_NAMES_H_
