// Names, strings and numbers as text, RFC 1035 §5.1 and RFC 3597 §5.
#ifndef HELOVET_CORE_DNS_PRESENTATION_H_
#define HELOVET_CORE_DNS_PRESENTATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace helovet {

// Takes one octet, as it is or escaped (`\X`, `\DDD`), off the front of `text`, which must not be
// empty. Empty: a broken escape.
[[nodiscard]] std::optional<char> TakeOctet(std::string_view& text);
// All of the octets. Empty: a broken escape.
[[nodiscard]] std::optional<std::string> Unescape(std::string_view text);

// Adds `octet` as `\DDD`.
void AppendDecimalEscape(std::string& text, char octet);

// Adds `octets` as one <character-string> in quotes, RFC 1035 §5.1.
void AppendQuotedString(std::string& text, std::string_view octets);

// The name ends in a dot that is not `\.`, so that no origin follows it.
[[nodiscard]] bool IsAbsoluteName(std::string_view name);

// Decimal digits alone. Empty: something else, or more than `most`.
[[nodiscard]] std::optional<std::uint32_t> ParseNumber(std::string_view text, std::uint32_t most);

// Seconds, as digits or with the units w, d, h, m and s: "3600", "1h30m".
[[nodiscard]] std::optional<std::uint32_t> ParsePeriod(std::string_view text, std::uint32_t most);

// The octets of an even number of hexadecimal digits.
[[nodiscard]] std::optional<std::string> ParseHex(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_PRESENTATION_H_
