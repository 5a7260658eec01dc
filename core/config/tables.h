// Settings whose values are tables, or lists of them.
#ifndef HELOVET_CORE_CONFIG_TABLES_H_
#define HELOVET_CORE_CONFIG_TABLES_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/values.h"

namespace helovet {

inline constexpr NumberBounds kWeightBounds = {1, 100};
inline constexpr NumberBounds kRequiredWeightBounds = {1, 1000};
// Before the zone stand up to 32 nibbles with their dots (RFC 5782 §2.4), and the whole is a name.
inline constexpr std::size_t kMaxAddressZoneOctets = 253 - std::size_t{2} * 32;

// csa.none = "tag" and the like: a table of checks, each a table of its results. No check and no
// result that cannot occur, and no rejection of a temporary failure.
[[nodiscard]] ValueErrorOr<std::vector<Override>> ReadOverrides(const TomlValue& value);

// Names, or tables with `name` and perhaps `weight`, `advisory` and `always_ask`; no name twice.
[[nodiscard]] ValueErrorOr<std::vector<Accreditor>> ReadAccreditors(const TomlValue& value);

// Tables of `zone` and `codes`; no zone twice. The zones of lists of addresses leave room for one.
[[nodiscard]] ValueErrorOr<std::vector<DnsList>> ReadAddressLists(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<DnsList>> ReadNameLists(const TomlValue& value);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_TABLES_H_
