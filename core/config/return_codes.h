// What the A records of a DNS list mean.
#ifndef HELOVET_CORE_CONFIG_RETURN_CODES_H_
#define HELOVET_CORE_CONFIG_RETURN_CODES_H_

#include <optional>
#include <string_view>
#include <vector>

#include "config/values.h"

namespace helovet {

// Four octets with dots between, each a number, "*" for any, or two numbers with a hyphen between
// for these and all in between: "127.0.0.2", "127.0.*.3", "127.0.0.4-7". Empty for anything else.
// The rating is the default.
[[nodiscard]] std::optional<ReturnCode> ParseReturnCode(std::string_view pattern);

// A table from patterns to ratings, as a list puts them into its first match: those of the fewest
// addresses first, as tables have no order. Patterns of as many addresses that meet have to agree.
// All are of 127.0.0.0/8, and none stands for errors alone (127.255.255.0/24).
[[nodiscard]] ValueErrorOr<std::vector<ReturnCode>> ReadReturnCodes(const TomlValue& value);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_RETURN_CODES_H_
