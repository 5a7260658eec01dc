// Values of settings as TOML: what the parser reads back as the same value.
#ifndef HELOVET_CORE_CONFIG_TO_TOML_H_
#define HELOVET_CORE_CONFIG_TO_TOML_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/values.h"
#include "helovet/config.h"

namespace helovet {

// Each is one line of printable ASCII. Texts are UTF-8, as the parser has them; an octet that is
// not becomes U+FFFD.
[[nodiscard]] std::string ToToml(bool value);
[[nodiscard]] std::string ToToml(int value);
[[nodiscard]] std::string ToToml(std::uint16_t value);
[[nodiscard]] std::string ToToml(std::chrono::milliseconds value);
[[nodiscard]] std::string ToToml(const std::string& value);
[[nodiscard]] std::string ToToml(const IpAddress& value);
[[nodiscard]] std::string ToToml(const IpNetwork& value);
[[nodiscard]] std::string ToToml(const DnsServer& value);
[[nodiscard]] std::string ToToml(const Accreditor& value);
[[nodiscard]] std::string ToToml(const DnsList& value);
[[nodiscard]] std::string ToToml(const std::vector<Override>& value);
[[nodiscard]] std::string ToToml(Profile value);
[[nodiscard]] std::string ToToml(Action value);
[[nodiscard]] std::string ToToml(CheckId value);
[[nodiscard]] std::string ToToml(Config::CsaDialect value);
[[nodiscard]] std::string ToToml(Config::RejectAt value);
[[nodiscard]] std::string ToToml(Config::Confinement value);
[[nodiscard]] std::string ToToml(Config::StoreKind value);

template <typename T>
[[nodiscard]] std::string ToToml(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& each : values) {
    if (text.size() > 1) text += ", ";
    text += ToToml(each);
  }
  return text + ']';
}

// Empty: no value of TOML says it; the setting has to be left out.
template <typename T>
[[nodiscard]] std::string ToToml(const std::optional<T>& value) {
  return value ? ToToml(*value) : std::string();
}

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_TO_TOML_H_
