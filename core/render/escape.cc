#include "render/escape.h"

#include <algorithm>

#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kEllipsis = "...";

// <cctype> asks the locale.
constexpr bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
constexpr bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

constexpr bool StaysInReply(char c) {
  return IsAlphanumeric(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
}
constexpr bool StaysInLog(char c) { return IsPrintable(c) && c != '\\'; }
constexpr bool StaysInToken(char c) {
  return IsAlphanumeric(c) || std::string_view("-._").find(c) != std::string_view::npos;
}
constexpr bool StaysInExtract(char c) {
  return IsAlphanumeric(c) || std::string_view("-._:/").find(c) != std::string_view::npos;
}

void AppendHex(std::string& out, char octet) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(octet);
  out += "\\x";
  out += kDigits[value >> 4];
  out += kDigits[value & 15];
}

// Escapes octet by octet and stops at `limit`, so that a huge text costs no more than a short one;
// an escape is never cut in two.
template <typename AppendOctet>
std::string EscapeWithin(std::string_view text, std::size_t limit, AppendOctet append) {
  std::string out;
  out.reserve(std::min(text.size(), limit));
  std::size_t cut = 0;  // The longest beginning that leaves room for the ellipsis.
  for (const char c : text) {
    append(out, c);
    if (out.size() > limit) {
      out.resize(cut);
      out += kEllipsis;
      return out;
    }
    if (limit - out.size() >= kEllipsis.size()) cut = out.size();
  }
  return out;
}

std::string EscapeForLogWithin(std::string_view text, std::size_t limit) {
  return EscapeWithin(text, limit, [](std::string& out, char c) {
    if (StaysInLog(c)) {
      out += c;
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      AppendHex(out, c);
    }
  });
}

std::string InQuotes(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

}  // namespace

std::string EscapeForLog(std::string_view text) { return EscapeForLogWithin(text, kNoLimit); }

std::string EscapeForReply(std::string_view name, std::size_t limit) {
  return EscapeWithin(name, limit, [](std::string& out, char c) {
    if (StaysInReply(c)) {
      out += c;
    } else {
      AppendHex(out, c);
    }
  });
}

std::string EscapePresentation(std::string_view text) {
  return EscapeWithin(text, kNoLimit, [](std::string& out, char c) {
    if (IsPrintable(c)) {
      out += c;
    } else {
      AppendHex(out, c);
    }
  });
}

std::string HeaderValue(std::string_view text, std::size_t limit) {
  if (!text.empty() && text.size() <= limit && std::ranges::all_of(text, StaysInToken)) {
    return std::string(text);
  }
  return QuotedString(text, limit);
}

std::string QuotedString(std::string_view text, std::size_t limit) {
  return InQuotes(EscapeForLogWithin(text, limit));
}

std::string ExtractValue(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, StaysInExtract)) return std::string(text);
  return InQuotes(text);
}

}  // namespace helovet
