#include "render/escape.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/printable.h"
#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kEllipsis = "...";

constexpr bool IsAlphanumericOr(std::string_view others, char octet) {
  return IsAsciiLetter(octet) || IsAsciiDigit(octet) || others.find(octet) != others.npos;
}

bool ConsistsOf(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [others](char c) { return IsAlphanumericOr(others, c); });
}

void AppendForLog(std::string& out, char octet) {
  if (octet == '\\') {
    out += "\\\\";
  } else if (IsAsciiPrintable(octet)) {
    out += octet;
  } else {
    AppendHexEscape(out, octet);
  }
}

void AppendForName(std::string& out, char octet) {
  if (IsAlphanumericOr("-._:[]", octet)) {
    out += octet;
  } else {
    AppendHexEscape(out, octet);
  }
}

void AppendForWords(std::string& out, char octet) {
  if (IsAlphanumericOr(" -._:[]/?&=%#+,!'@~*()", octet)) {
    out += octet;
  } else {
    AppendHexEscape(out, octet);
  }
}

// Stops at the limit, so that a huge text costs no more than a short one, and never cuts an escape
// in two.
template <typename AppendEscaped>
std::string EscapeWithin(std::string_view text, std::size_t limit, AppendEscaped append) {
  std::string out;
  std::size_t cut = 0;  // The longest beginning that leaves room for the ellipsis.
  for (const char octet : text) {
    append(out, octet);
    if (out.size() > limit) {
      out.resize(cut);
      out += kEllipsis;
      return out;
    }
    if (limit - out.size() >= kEllipsis.size()) cut = out.size();
  }
  return out;
}

}  // namespace

std::string EscapeForLog(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char octet : text) AppendForLog(out, octet);
  return out;
}

std::string EscapeForLogWithin(std::string_view text, std::size_t limit) {
  return EscapeWithin(text, limit, AppendForLog);
}

std::string EscapeName(std::string_view name, std::size_t limit) {
  return EscapeWithin(name, limit, AppendForName);
}

std::string EscapeWords(std::string_view words, std::size_t limit) {
  return EscapeWithin(words, limit, AppendForWords);
}

std::string QuotedString(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (const char octet : text) {
    if (octet == '"' || octet == '\\') out += '\\';
    out += octet;
  }
  out += '"';
  return out;
}

std::string HeaderValue(std::string_view text) {
  if (!text.empty() && ConsistsOf(text, "-._")) return std::string(text);
  return QuotedString(text);
}

std::string ExtractValue(std::string_view text) {
  if (!text.empty() && ConsistsOf(text, "-._:/")) return std::string(text);
  std::string out = QuotedString(text);
  for (std::size_t at = out.find('\n'); at != out.npos; at = out.find('\n', at)) {
    out.replace(at, 1, "\\n");
  }
  return out;
}

}  // namespace helovet
