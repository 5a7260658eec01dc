// Which lines of smtpd's are requests, read a second time: what a filter owes an answer to.
#ifndef HELOVET_TESTS_OPENSMTPD_ASKED_REQUESTS_H_
#define HELOVET_TESTS_OPENSMTPD_ASKED_REQUESTS_H_

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace helovet::testing {

inline bool IsOf(const std::string& text, const char* octets, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         text.find_first_not_of(octets) == std::string::npos;
}

// A decimal number of 32 bits; more for anything else.
inline std::uint64_t NumberOf(std::string text) {
  constexpr std::uint64_t kNone = std::uint64_t{1} << 32U;
  if (!IsOf(text, "0123456789", text.size())) return kNone;
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return text.size() > 10 ? kNone : std::min<std::uint64_t>(std::stoull(text), kNone);
}

// Protocol 0.5 or a later 0.N.
inline bool IsSpoken(const std::string& version) {
  const std::size_t dot = std::min(version.find('.'), version.size() - 1);
  const std::uint64_t minor = NumberOf(version.substr(dot + 1));
  return NumberOf(version.substr(0, dot)) == 0 && minor >= 5 && minor < std::uint64_t{1} << 32U;
}

using Key = std::pair<std::uint64_t, std::uint64_t>;

struct Asked {
  std::string phase;
  Key key;
  std::string argument;

  [[nodiscard]] bool IsDataLine() const { return phase == "data-line"; }
  // The line may be held back, dropped, or bring out others that were.
  [[nodiscard]] bool ConcernsResults() const {
    std::string line = argument.substr(argument.starts_with('.') ? 1 : 0);
    for (char& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return line.starts_with(' ') || line.starts_with('\t') ||
           line.find("authentication-results") != std::string::npos;
  }
};

// Independent of the parser under test: a request that must be answered, by smtpd's own format.
inline std::optional<Asked> Request(const std::string& line) {
  constexpr const char* kHex = "0123456789abcdefABCDEF";
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz-";
  std::vector<std::string> fields;  // filter, version, time, subsystem, phase, session, token
  std::size_t at = 0;
  while (fields.size() < 7 && at <= line.size()) {
    const std::size_t bar = std::min(line.find('|', at), line.size());
    fields.push_back(line.substr(at, bar - at));
    at = bar + 1;
  }
  if (fields.size() < 7 || fields[0] != "filter" || fields[3] != "smtp-in") return std::nullopt;
  if (!IsSpoken(fields[1])) return std::nullopt;
  if (!IsOf(fields[4], kLetters, 1000000) || !IsOf(fields[5], kHex, 16) ||
      !IsOf(fields[6], kHex, 16)) {
    return std::nullopt;
  }
  return Asked{fields[4],
               {std::stoull(fields[5], nullptr, 16), std::stoull(fields[6], nullptr, 16)},
               at <= line.size() ? line.substr(at) : ""};
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_OPENSMTPD_ASKED_REQUESTS_H_
