#include "helovet/authentication_results.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/idna.h"
#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kFieldName = "authentication-results";

// White space, and control characters, which readers treat as they like.
constexpr bool IsBlank(char octet) { return (octet >= '\0' && octet <= ' ') || octet == '\x7f'; }

// A part of a name, for which its beginning or end must not be taken. Octets of UTF-8 are.
constexpr bool IsWordOctet(char octet) {
  return IsAsciiLetter(octet) || IsAsciiDigit(octet) || octet == '-' || octet == '.' ||
         octet == '_' || static_cast<unsigned char>(octet) >= 0x80;
}

// A part of the id as grammar has it, and of what stands for it in the field. `/`, `:` and `@` are
// in no token (RFC 2045 §5.1), but there are servers that write them.
constexpr bool IsPlainIdOctet(char octet) {
  return !IsBlank(octet) &&
         std::string_view("()<>,;\\\"[]?=").find(octet) == std::string_view::npos;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// In lower case, without a final dot.
std::string Normal(std::string_view id) {
  if (id.ends_with('.')) id.remove_suffix(1);
  return LowerCase(id);
}

// What stands before the first ";" outside of comments and quoted-strings: the id and its version.
// Empty if a comment or quoted-string has no end.
std::optional<std::string_view> IdSection(std::string_view body) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char octet = body[i];
    if (octet == '\\' && (quoted || depth > 0)) {
      ++i;  // RFC 5322 §3.2.1: the next octet means nothing.
    } else if (quoted) {
      quoted = octet != '"';
    } else if (octet == '(') {
      ++depth;
    } else if (octet == ')' && depth > 0) {
      --depth;
    } else if (depth > 0) {
      continue;
    } else if (octet == '"') {
      quoted = true;
    } else if (octet == ';') {
      return body.substr(0, i);
    }
  }
  if (quoted || depth > 0) return std::nullopt;
  return body;
}

// The id where nobody can read another one: one word, and perhaps a version of digits.
std::optional<std::string_view> PlainId(std::string_view section) {
  const auto end = std::ranges::find_if_not(section, IsPlainIdOctet);
  const std::string_view id(section.begin(), end);
  const std::string_view version = Trim(section.substr(id.size()));
  if (id.empty() || !std::ranges::all_of(version, IsAsciiDigit)) return std::nullopt;
  return id;
}

// `wanted` stands in `text` with nothing beside it that would make it a part of another name.
bool HasWord(std::string_view text, std::string_view wanted) {
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    const bool begins = at == 0 || !IsWordOctet(text[at - 1]);
    // A dot at the end may be the root's, or a full stop.
    const bool dot = end < text.size() && text[end] == '.' &&
                     (end + 1 == text.size() || !IsWordOctet(text[end + 1]));
    if (begins && (end == text.size() || dot || !IsWordOctet(text[end]))) return true;
  }
  return false;
}

constexpr bool IsQuoting(char octet) { return octet == '\\' || octet == '"'; }
constexpr bool IsNoise(char octet) { return IsQuoting(octet) || IsBlank(octet); }

// `section` without the octets that `drops` holds for.
std::string Without(std::string_view section, bool (*drops)(char)) {
  std::string rest;
  std::ranges::remove_copy_if(section, std::back_inserter(rest), drops);
  return rest;
}

// `section` without comments, which may stand within a word for some readers.
std::string WithoutComments(std::string_view section) {
  std::string rest;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < section.size(); ++i) {
    const char octet = section[i];
    if (octet == '\\') {
      if (depth == 0) rest += section.substr(i, 2);
      ++i;
    } else if (octet == '(') {
      ++depth;
    } else if (octet == ')' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      rest += octet;
    }
  }
  return rest;
}

// `wanted` stands in `section` as a word, once what `drops` holds for is gone from both.
bool HasWordWithout(std::string_view section, std::string_view wanted, bool (*drops)(char)) {
  const std::string rest = Without(wanted, drops);
  return !rest.empty() && HasWord(Without(section, drops), rest);
}

// Some reader of `section`, in lower case, could find `wanted` there.
bool CouldName(std::string_view section, std::string_view wanted) {
  if (HasWord(section, wanted) || HasWordWithout(section, wanted, IsQuoting)) return true;
  const std::string bare = WithoutComments(section);
  return HasWordWithout(bare, wanted, IsQuoting) || HasWordWithout(bare, wanted, IsNoise);
}

bool SectionNames(std::string_view section, std::string_view authserv_id) {
  const std::string wanted = Normal(authserv_id);
  if (const std::optional<std::string_view> id = PlainId(section)) {
    // A strict reader stops at "/", ":" or "@".
    return Normal(*id) == wanted || Normal(id->substr(0, id->find_first_of("/:@"))) == wanted;
  }
  return CouldName(Normal(section), wanted);
}

// RFC 8616 §4: the id in UTF-8 and with A-labels is one. For the first word of a section that is
// not plain ASCII, or an id that is not.
bool SameInALabels(std::string_view section, std::string_view authserv_id) {
  const auto is_ascii = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  if (is_ascii(section) && is_ascii(authserv_id)) return false;
  const std::string bare = Without(WithoutComments(section), IsQuoting);
  const std::string_view text = Trim(bare);
  const std::string_view word(text.begin(), std::ranges::find_if_not(text, IsPlainIdOctet));
  const std::optional<std::string> found = ToALabels(word);
  const std::optional<std::string> wanted = ToALabels(authserv_id);
  return found && wanted && Normal(*found) == Normal(*wanted);
}

// A section that begins with a word, however it is written. Some servers give results and no id
// ("spf=pass ..."), which claims nobody's.
bool HasId(std::string_view section) {
  const std::string bare = WithoutComments(section);
  const std::string_view text = Trim(bare);
  if (text.empty() || text == "\"\"") return false;
  if (text.front() == '"') return true;
  return IsPlainIdOctet(text.front());
}

}  // namespace

bool BodyClaimsAuthservId(std::string_view body, std::string_view authserv_id) {
  const std::optional<std::string_view> whole = IdSection(body);
  if (!whole) return true;
  const std::string_view section = Trim(*whole);
  // Our own field has the id as it is escaped there.
  return !HasId(section) || SectionNames(section, authserv_id) ||
         SectionNames(section, EscapeForLog(authserv_id)) || SameInALabels(section, authserv_id);
}

bool ClaimsAuthservId(std::string_view field, std::string_view authserv_id) {
  const std::size_t colon = field.find(':');
  if (colon == field.npos || LowerCase(Trim(field.substr(0, colon))) != kFieldName) return false;
  return BodyClaimsAuthservId(field.substr(colon + 1), authserv_id);
}

std::vector<std::string_view> ForeignResults(std::span<const std::string_view> bodies,
                                             std::string_view authserv_id) {
  std::vector<std::string_view> foreign;
  for (const std::string_view body : bodies) {
    if (!BodyClaimsAuthservId(body, authserv_id)) foreign.push_back(body);
  }
  return foreign;
}

}  // namespace helovet
