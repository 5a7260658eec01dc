#include "config/to_toml.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.h"

namespace helovet {
namespace {

constexpr char32_t kReplacement = 0xfffd;  // Unicode §3.9: for what is no character.
constexpr char32_t kLastCharacter = 0x10ffff;
constexpr std::size_t kShortDigits = 4;  // TOML 1.0, String: \uXXXX and \UXXXXXXXX.
constexpr std::size_t kLongDigits = 8;

// A form of UTF-8 (RFC 3629 §3): the mark of its first octet, and the least that it is for.
struct Form {
  unsigned char mark;
  unsigned char mask;
  char32_t least;
};
constexpr std::array kForms = {Form{0xc0, 0xe0, 0x80}, Form{0xe0, 0xf0, 0x800},
                               Form{0xf0, 0xf8, 0x10000}};

// Takes the character at the front of `text`, which is not ASCII.
char32_t TakeCharacter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  for (std::size_t i = 0; i < kForms.size(); ++i) {
    const Form& form = kForms[i];
    const std::size_t more = i + 1;
    if ((first & form.mask) != form.mark || text.size() < more) continue;
    char32_t character = first & static_cast<unsigned char>(~form.mask);
    for (const char octet : text.substr(0, more)) {
      if ((static_cast<unsigned char>(octet) & 0xc0) != 0x80) return kReplacement;
      character = character << 6 | (static_cast<unsigned char>(octet) & 0x3f);
    }
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < form.least || character > kLastCharacter || surrogate) return kReplacement;
    text.remove_prefix(more);
    return character;
  }
  return kReplacement;
}

std::string Escaped(char32_t character) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t digits = character > 0xffff ? kLongDigits : kShortDigits;
  std::string escaped = digits == kLongDigits ? "\\U" : "\\u";
  for (std::size_t i = digits; i > 0; --i) escaped += kDigits[character >> 4 * (i - 1) & 0xf];
  return escaped;
}

std::string QuotedToml(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const char octet = text.front();
    if (static_cast<unsigned char>(octet) >= 0x80) {
      quoted += Escaped(TakeCharacter(text));
      continue;
    }
    if (octet == '"' || octet == '\\') {
      quoted += {'\\', octet};
    } else if (IsAsciiPrintable(octet)) {
      quoted += octet;
    } else {
      quoted += Escaped(static_cast<unsigned char>(octet));
    }
    text.remove_prefix(1);
  }
  return quoted + '"';
}

std::string OctetText(const ReturnCode::Octet& octet) {
  if (octet == ReturnCode::Octet()) return "*";
  const std::string least = std::to_string(octet.least);
  return octet.least == octet.most ? least : least + '-' + std::to_string(octet.most);
}

std::string CodeText(const ReturnCode& code) {
  std::string pattern;
  for (const ReturnCode::Octet& octet : code.octets) {
    if (!pattern.empty()) pattern += '.';
    pattern += OctetText(octet);
  }
  return QuotedToml(pattern) + " = " + QuotedToml(ToString(code.rating));
}

}  // namespace

std::string ToToml(bool value) { return value ? "true" : "false"; }
std::string ToToml(int value) { return std::to_string(value); }
std::string ToToml(std::uint16_t value) { return std::to_string(value); }
std::string ToToml(std::chrono::milliseconds value) { return QuotedToml(DurationToString(value)); }
std::string ToToml(const std::string& value) { return QuotedToml(value); }
std::string ToToml(const IpAddress& value) { return QuotedToml(value.ToString()); }
std::string ToToml(const IpNetwork& value) {
  const bool address = value.prefix_bits() == static_cast<int>(value.base().bytes().size()) * 8;
  return QuotedToml(address ? value.base().ToString() : value.ToString());
}
std::string ToToml(const DnsServer& value) { return QuotedToml(value.ToString()); }
std::string ToToml(Profile value) { return QuotedToml(ToString(value)); }
std::string ToToml(Action value) { return QuotedToml(ToString(value)); }
std::string ToToml(CheckId value) { return QuotedToml(ToString(value)); }
std::string ToToml(Config::CsaDialect value) { return QuotedToml(ToString(value)); }
std::string ToToml(Config::RejectAt value) { return QuotedToml(ToString(value)); }
std::string ToToml(Config::Confinement value) { return QuotedToml(ToString(value)); }
std::string ToToml(Config::StoreKind value) { return QuotedToml(ToString(value)); }

std::string ToToml(const Accreditor& value) {
  const Accreditor plain = {.name = value.name};
  if (value == plain) return QuotedToml(value.name);
  std::string text = "{ name = " + QuotedToml(value.name);
  if (value.weight != plain.weight) text += ", weight = " + ToToml(value.weight);
  if (value.advisory) text += ", advisory = true";
  if (value.always_ask) text += ", always_ask = true";
  return text + " }";
}

std::string ToToml(const DnsList& value) {
  std::string codes;
  for (const ReturnCode& code : value.codes) codes += (codes.empty() ? "" : ", ") + CodeText(code);
  return "{ zone = " + QuotedToml(value.zone) + ", codes = { " + codes + " } }";
}

std::string ToToml(const std::vector<Override>& value) {
  std::string text;
  for (const Override& each : value) {
    text += (text.empty() ? "" : ", ") + std::string(ToString(each.check)) + '.' +
            std::string(ToString(each.result)) + " = " + QuotedToml(ToString(each.action));
  }
  return text.empty() ? "{}" : "{ " + text + " }";
}

}  // namespace helovet
