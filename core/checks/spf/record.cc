#include "checks/spf/record.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "checks/spf/macro.h"

namespace helovet::spf {
namespace {

constexpr std::string_view kVersion = "v=spf1";  // RFC 7208 §4.5
constexpr int kV4Bits = 32;
constexpr int kV6Bits = 128;

// The next term off the front of `terms`; empty at the end. Spaces alone separate (RFC 7208
// §4.6.1).
std::string_view TakeWord(std::string_view& terms) {
  terms.remove_prefix(std::min(terms.find_first_not_of(' '), terms.size()));
  const std::string_view word = terms.substr(0, terms.find(' '));
  terms.remove_prefix(word.size());
  return word;
}

// Where the "=" of a modifier stands (RFC 7208 §4.6.1); npos: it is a directive.
std::size_t FindModifierSign(std::string_view word) {
  if (!IsAsciiLetter(word[0])) return std::string_view::npos;
  const auto end = std::find_if_not(word.begin(), word.end(), [](char octet) {
    return IsAsciiLetter(octet) || IsAsciiDigit(octet) || octet == '-' || octet == '_' ||
           octet == '.';
  });
  if (end == word.end() || *end != '=') return std::string_view::npos;
  return static_cast<std::size_t>(end - word.begin());
}

std::optional<Term> ParseModifier(std::string_view name, std::string_view value) {
  Term term;
  term.kind = Term::Kind::kUnknownModifier;
  if (EqualsIgnoringCase(name, "redirect")) term.kind = Term::Kind::kRedirect;
  if (EqualsIgnoringCase(name, "exp")) term.kind = Term::Kind::kExplanation;
  const bool valid = term.kind == Term::Kind::kUnknownModifier
                         ? IsMacroString(value, MacroPlace::kModifier)
                         : IsDomainSpec(value);
  if (!valid) return std::nullopt;
  term.domain_spec = value;
  return term;
}

// Takes the number behind `slashes` off the end of `text`; `bits` stays where there is none. False:
// a number that is none of a prefix.
bool TakePrefixBits(std::string_view& text, std::string_view slashes, int most, int& bits) {
  const std::size_t last = text.find_last_not_of("0123456789");
  if (last == std::string_view::npos || last + 1 == text.size()) return true;
  const std::string_view digits = text.substr(last + 1);
  const std::string_view before = text.substr(0, last + 1);
  if (!before.ends_with(slashes)) return true;
  if (digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return false;
  int number = 0;
  for (char digit : digits) number = number * 10 + (digit - '0');
  if (number > most) return false;
  bits = number;
  text = before.substr(0, before.size() - slashes.size());
  return true;
}

// What follows the name of "a" or "mx": [ ":" domain-spec ] [ dual-cidr-length ].
bool ParseHostArgument(std::string_view argument, Term& term) {
  if (!TakePrefixBits(argument, "//", kV6Bits, term.v6_bits)) return false;
  if (!TakePrefixBits(argument, "/", kV4Bits, term.v4_bits)) return false;
  if (argument.empty()) return true;
  if (argument[0] != ':') return false;
  term.domain_spec = argument.substr(1);
  return IsDomainSpec(term.domain_spec);
}

// ":" domain-spec
bool ParseDomainArgument(std::string_view argument, Term& term) {
  if (!argument.starts_with(':')) return false;
  term.domain_spec = argument.substr(1);
  return IsDomainSpec(term.domain_spec);
}

// ":" ip4-network [ ip4-cidr-length ]
bool ParseIp4Argument(std::string_view argument, Term& term) {
  if (!argument.starts_with(':')) return false;
  argument.remove_prefix(1);
  if (!TakePrefixBits(argument, "/", kV4Bits, term.v4_bits)) return false;
  if (argument.find(':') != std::string_view::npos) return false;
  const std::optional<IpAddress> address = IpAddress::Parse(argument);
  if (!address) return false;
  std::copy(address->bytes().begin(), address->bytes().end(), term.network.begin());
  return true;
}

// ":" ip6-network [ ip6-cidr-length ]
bool ParseIp6Argument(std::string_view argument, Term& term) {
  if (!argument.starts_with(':')) return false;
  argument.remove_prefix(1);
  if (!TakePrefixBits(argument, "/", kV6Bits, term.v6_bits)) return false;
  if (argument.find(':') == std::string_view::npos) return false;
  const std::optional<IpAddress> address = IpAddress::Parse(argument);
  if (!address) return false;
  const auto bytes = address->bytes();
  // An IPv4-mapped address comes as IPv4; here it is the IPv6 network that it was written as.
  if (address->is_v4()) term.network[10] = term.network[11] = 0xff;
  std::copy(bytes.begin(), bytes.end(),
            term.network.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  return true;
}

bool ParseArgument(std::string_view argument, Term& term) {
  switch (term.kind) {
    case Term::Kind::kAll:
      return argument.empty();
    case Term::Kind::kInclude:
    case Term::Kind::kExists:
      return ParseDomainArgument(argument, term);
    case Term::Kind::kA:
    case Term::Kind::kMx:
      return ParseHostArgument(argument, term);
    case Term::Kind::kPtr:
      return argument.empty() || ParseDomainArgument(argument, term);
    case Term::Kind::kIp4:
      return ParseIp4Argument(argument, term);
    case Term::Kind::kIp6:
      return ParseIp6Argument(argument, term);
    case Term::Kind::kRedirect:
    case Term::Kind::kExplanation:
    case Term::Kind::kUnknownModifier:
      break;
  }
  return false;
}

std::optional<Term::Kind> MechanismOf(std::string_view name) {
  constexpr std::pair<std::string_view, Term::Kind> kMechanisms[] = {
      {"all", Term::Kind::kAll}, {"include", Term::Kind::kInclude}, {"a", Term::Kind::kA},
      {"mx", Term::Kind::kMx},   {"ptr", Term::Kind::kPtr},         {"ip4", Term::Kind::kIp4},
      {"ip6", Term::Kind::kIp6}, {"exists", Term::Kind::kExists},
  };
  for (const auto& [known, kind] : kMechanisms) {
    if (EqualsIgnoringCase(name, known)) return kind;
  }
  return std::nullopt;
}

// Takes the qualifier off the front of `word`; without one it is "+" (RFC 7208 §4.6.2).
Result TakeQualifier(std::string_view& word) {
  Result qualifier = Result::kPass;
  if (word[0] == '-') qualifier = Result::kFail;
  if (word[0] == '~') qualifier = Result::kSoftfail;
  if (word[0] == '?') qualifier = Result::kNeutral;
  if (qualifier != Result::kPass || word[0] == '+') word.remove_prefix(1);
  return qualifier;
}

// `word` must not be empty.
std::optional<Term> ParseTerm(std::string_view word) {
  const std::size_t sign = FindModifierSign(word);
  if (sign != std::string_view::npos) {
    return ParseModifier(word.substr(0, sign), word.substr(sign + 1));
  }
  Term term;
  term.qualifier = TakeQualifier(word);
  const std::size_t end = std::min(word.find_first_of(":/"), word.size());
  const std::optional<Term::Kind> kind = MechanismOf(word.substr(0, end));
  if (!kind) return std::nullopt;
  term.kind = *kind;
  if (!ParseArgument(word.substr(end), term)) return std::nullopt;
  return term;
}

}  // namespace

bool IsRecord(std::string_view text) {
  if (!EqualsIgnoringCase(text.substr(0, kVersion.size()), kVersion)) return false;
  return text.size() == kVersion.size() || text[kVersion.size()] == ' ';
}

bool Term::asks() const {
  switch (kind) {
    case Kind::kInclude:
    case Kind::kA:
    case Kind::kMx:
    case Kind::kPtr:
    case Kind::kExists:
      return true;
    case Kind::kAll:
    case Kind::kIp4:
    case Kind::kIp6:
    case Kind::kRedirect:
    case Kind::kExplanation:
    case Kind::kUnknownModifier:
      return false;
  }
  return false;
}

bool Term::HoldsClient(const IpAddress& client) const {
  if (client.is_v4() != (kind == Kind::kIp4)) return false;
  return SharesPrefix(network, client.bytes(), client.is_v4() ? v4_bits : v6_bits);
}

bool Term::Matches(const IpAddress& address, const IpAddress& client) const {
  if (client.is_v4() != address.is_v4()) return false;
  return SharesPrefix(address.bytes(), client.bytes(), client.is_v4() ? v4_bits : v6_bits);
}

std::optional<Record> Record::Parse(std::string_view text) {
  Record record(text.substr(kVersion.size()));
  std::string_view rest = record.terms_;
  for (std::string_view word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) {
    const std::optional<Term> term = ParseTerm(word);
    if (!term) return std::nullopt;
    if (term->kind == Term::Kind::kRedirect) {
      if (!record.redirect_.empty()) return std::nullopt;
      record.redirect_ = term->domain_spec;
    } else if (term->kind == Term::Kind::kExplanation) {
      if (!record.explanation_.empty()) return std::nullopt;
      record.explanation_ = term->domain_spec;
    }
  }
  return record;
}

std::optional<Term> Record::Terms::Next() {
  const std::string_view word = TakeWord(rest_);
  if (word.empty()) return std::nullopt;
  return ParseTerm(word);
}

}  // namespace helovet::spf
