#include "render/escape.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/printable.h"
#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kEllipsis = "...";

// A table, since every octet that is shown is looked up.
class OctetSet {
 public:
  template <typename Predicate>
  explicit constexpr OctetSet(Predicate has) {
    for (std::size_t octet = 0; octet < has_.size(); ++octet) {
      has_[octet] = has(static_cast<char>(octet));
    }
  }
  [[nodiscard]] constexpr bool Has(char octet) const {
    return has_[static_cast<unsigned char>(octet)];
  }
  [[nodiscard]] constexpr bool HasAll(std::string_view text) const {
    return FirstOther(text) == text.end();
  }
  [[nodiscard]] constexpr std::string_view::iterator FirstOther(std::string_view text) const {
    // Unrolled by libstdc++, unlike that of std::ranges.
    return std::find_if_not(text.begin(), text.end(), [this](char octet) { return Has(octet); });
  }

 private:
  std::array<bool, 256> has_{};
};

constexpr OctetSet AlphanumericOr(std::string_view others) {
  return OctetSet([others](char octet) {
    return IsAsciiLetter(octet) || IsAsciiDigit(octet) || others.find(octet) != others.npos;
  });
}

// What stays as it is, and what a backslash becomes; every other octet becomes \xHH.
struct Escaping {
  OctetSet unchanged;
  std::string_view backslash = "\\x5c";
};
constexpr Escaping kName = {.unchanged = AlphanumericOr("-._:[]")};
constexpr Escaping kWords = {.unchanged = AlphanumericOr(" -._:[]/?&=%#+,!'@~*()")};
constexpr Escaping kLogText = {
    .unchanged = OctetSet([](char octet) { return IsAsciiPrintable(octet) && octet != '\\'; }),
    .backslash = "\\\\"};
constexpr Escaping kPrintable = {.unchanged = OctetSet(IsAsciiPrintable)};
// What needs no quotes.
constexpr OctetSet kHeaderTokens = AlphanumericOr("-._");
constexpr OctetSet kExtractTokens = AlphanumericOr("-._:/");
// What stays as it is between quotes.
constexpr OctetSet kQuotable([](char octet) { return octet != '"' && octet != '\\'; });
constexpr OctetSet kExtractQuotable([](char octet) {
  return kQuotable.Has(octet) && octet != '\n';
});

bool IsToken(const OctetSet& tokens, std::string_view text) {
  return !text.empty() && tokens.HasAll(text);
}

// Stops at the limit, so that a huge text costs no more than a short one, and never cuts an escape
// in two.
void AppendWithin(std::string& out, const Escaping& escaping, std::string_view text,
                  std::size_t limit) {
  if (text.size() <= limit && escaping.unchanged.HasAll(text)) {
    out += text;
    return;
  }
  const std::size_t begin = out.size();
  std::size_t cut = begin;  // The longest beginning that leaves room for the ellipsis.
  for (const char octet : text) {
    if (escaping.unchanged.Has(octet)) {
      out += octet;
    } else if (octet == '\\') {
      out += escaping.backslash;
    } else {
      AppendHexEscape(out, octet);
    }
    const std::size_t octets = out.size() - begin;
    if (octets > limit) {
      out.resize(cut);
      out += kEllipsis;
      return;
    }
    if (limit - octets >= kEllipsis.size()) cut = out.size();
  }
}

std::string EscapeWithin(const Escaping& escaping, std::string_view text, std::size_t limit) {
  std::string out;
  AppendWithin(out, escaping, text, limit);
  return out;
}

// In double quotes, with a backslash before what `unchanged` does not have.
void AppendInQuotes(std::string& out, const OctetSet& unchanged, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto special = unchanged.FirstOther(text);
    out.append(text.begin(), special);
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
    if (text.empty()) break;
    out += '\\';
    out += text.front() == '\n' ? 'n' : text.front();
    text.remove_prefix(1);
  }
  out += '"';
}

}  // namespace

std::string EscapeForLog(std::string_view text) { return EscapeWithin(kLogText, text, kNoLimit); }

std::string EscapeForLogWithin(std::string_view text, std::size_t limit) {
  return EscapeWithin(kLogText, text, limit);
}

std::string EscapeName(std::string_view name, std::size_t limit) {
  return EscapeWithin(kName, name, limit);
}

void AppendName(std::string& out, std::string_view name, std::size_t limit) {
  AppendWithin(out, kName, name, limit);
}

std::string EscapeWords(std::string_view words, std::size_t limit) {
  return EscapeWithin(kWords, words, limit);
}

void AppendWords(std::string& out, std::string_view words, std::size_t limit) {
  AppendWithin(out, kWords, words, limit);
}

void AppendPrintable(std::string& out, std::string_view text) {
  AppendWithin(out, kPrintable, text, kNoLimit);
}

void AppendHeaderName(std::string& out, std::string_view name, std::size_t limit) {
  if (name.size() <= limit && IsToken(kHeaderTokens, name)) {
    out += name;
  } else {
    AppendHeaderValue(out, EscapeName(name, limit));
  }
}

void AppendExtractText(std::string& out, std::string_view text, std::size_t limit) {
  if (text.size() <= limit && IsToken(kExtractTokens, text)) {
    out += text;
  } else {
    AppendExtractValue(out, EscapeForLogWithin(text, limit));
  }
}

void AppendQuoted(std::string& out, std::string_view text) { AppendInQuotes(out, kQuotable, text); }

std::string HeaderValue(std::string_view text) {
  std::string out;
  AppendHeaderValue(out, text);
  return out;
}

void AppendHeaderValue(std::string& out, std::string_view text) {
  if (IsToken(kHeaderTokens, text)) {
    out += text;
  } else {
    AppendQuoted(out, text);
  }
}

std::string ExtractValue(std::string_view text) {
  std::string out;
  AppendExtractValue(out, text);
  return out;
}

void AppendExtractValue(std::string& out, std::string_view text) {
  if (IsToken(kExtractTokens, text)) {
    out += text;
  } else {
    AppendInQuotes(out, kExtractQuotable, text);
  }
}

}  // namespace helovet
