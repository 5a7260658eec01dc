// Macro strings of SPF records and explanations (RFC 7208 §7).
#ifndef HELOVET_CORE_CHECKS_SPF_MACRO_H_
#define HELOVET_CORE_CHECKS_SPF_MACRO_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "helovet/ip_address.h"

namespace helovet::spf {

// Of what a client sends, this much goes into macros. RFC 5321 §4.5.3.1.4: a command line has no
// more. A record of 64 KiB may repeat it thousands of times.
inline constexpr std::size_t kMaxMacroValueOctets = 512;

// Where a macro string stands decides what may stand in it.
enum class MacroPlace : std::uint8_t {
  kDomainSpec,   // Without the letters c, r and t (RFC 7208 §7.2).
  kModifier,     // The value of an unknown modifier.
  kExplanation,  // The text that exp= leads to: with spaces, too.
};

// The syntax of RFC 7208 §7.1.
[[nodiscard]] bool IsMacroString(std::string_view text, MacroPlace place);
// A macro string that ends in a macro, or in a dot and a top label.
[[nodiscard]] bool IsDomainSpec(std::string_view text);

// It has the letter p, whose value takes questions.
[[nodiscard]] bool NeedsValidatedName(std::string_view text);

// What the letters stand for (RFC 7208 §7.2, §7.3).
struct MacroValues {
  IpAddress client;                             // c, i, v
  std::string local_part = {};                  // l; s with the next.
  std::string sender_domain = {};               // o
  std::string domain = {};                      // d: of the record that is judged.
  std::string helo = {};                        // h
  std::string validated_name = "unknown";       // p
  std::string receiver = "unknown";             // r
  std::chrono::system_clock::time_point now{};  // t
};

// The labels of `name` as they are, with dots between: what %{d} and %{o} say.
[[nodiscard]] std::string TextOfName(const DnsName& name);

// `text` as labels with dots between, of any octets, one trailing dot tolerated. Empty where no
// question can be made of it.
[[nodiscard]] std::optional<DnsName> NameOfText(std::string_view text);

// The name that a domain-spec stands for, shortened from the left to 253 octets (RFC 7208 §7.3).
// Empty where no question can be made of it. No more of its macros and literals count than a name
// has octets, from the right: others could matter only beside hundreds that stand for nothing.
[[nodiscard]] std::optional<DnsName> ExpandName(std::string_view domain_spec,
                                                const MacroValues& values);

// The first `most` octets of what an explanation says, and of its macros and literals no more than
// that, likewise.
[[nodiscard]] std::string ExpandText(std::string_view explanation, const MacroValues& values,
                                     std::size_t most);

}  // namespace helovet::spf

#endif  // HELOVET_CORE_CHECKS_SPF_MACRO_H_
