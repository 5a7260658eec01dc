// What Exim's ${extract{key}{text}} gives, after its specification, chapter 11 (string expansions):
// name=value pairs with white space around and optionally around "=", values with white space in
// double quotes, in which backslash sequences are interpreted; the key without regard to case.
#ifndef HELOVET_TESTS_CORE_RENDER_EXIM_EXTRACT_H_
#define HELOVET_TESTS_CORE_RENDER_EXIM_EXTRACT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helovet {

class EximPairs {
 public:
  explicit EximPairs(std::string_view text) : rest_(text) {
    for (SkipSpace(); !rest_.empty(); SkipSpace()) {
      const std::size_t end = rest_.find_first_of("= \t\n");
      std::string key = Lower(Take(end));
      SkipSpace();
      if (!rest_.empty() && rest_.front() == '=') rest_.remove_prefix(1);
      SkipSpace();
      pairs_.emplace_back(std::move(key), TakeValue());
    }
  }

  [[nodiscard]] std::optional<std::string> Extract(std::string_view key) const {
    for (const auto& [name, value] : pairs_) {
      if (name == Lower(key)) return value;
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& pairs() const {
    return pairs_;
  }

 private:
  static std::string Lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
  }

  void SkipSpace() {
    while (!rest_.empty() && std::string_view(" \t\n\v\f\r").find(rest_.front()) != rest_.npos) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view Take(std::size_t octets) {
    const std::string_view taken = rest_.substr(0, octets);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string TakeValue() {
    if (rest_.empty() || rest_.front() != '"')
      return std::string(Take(rest_.find_first_of(" \t\n")));
    rest_.remove_prefix(1);
    std::string value;
    while (!rest_.empty() && rest_.front() != '"') {
      const char c = Take(1).front();
      value += c == '\\' && !rest_.empty() ? TakeEscape() : c;
    }
    Take(1);
    return value;
  }

  // After the backslash: b f n r t v, one to three octal digits, x and up to two hexadecimal ones;
  // any other character is itself.
  char TakeEscape() {
    constexpr std::string_view kOctal = "01234567";
    constexpr std::string_view kHex = "0123456789abcdef";
    constexpr std::string_view kNames = "bfnrtv";
    constexpr std::string_view kValues = "\b\f\n\r\t\v";
    if (kOctal.find(rest_.front()) != kOctal.npos) return TakeNumber(kOctal, 3);
    const char c = Take(1).front();
    if (c == 'x') return TakeNumber(kHex, 2);
    const std::size_t name = kNames.find(c);
    return name == kNames.npos ? c : kValues[name];
  }

  char TakeNumber(std::string_view digits, int at_most) {
    std::size_t number = 0;
    for (; at_most > 0 && !rest_.empty(); --at_most) {
      const std::size_t digit = digits.find(Lower(rest_.substr(0, 1)).front());
      if (digit == digits.npos) break;
      number = number * digits.size() + digit;
      Take(1);
    }
    return static_cast<char>(number);
  }

  std::string_view rest_;
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_RENDER_EXIM_EXTRACT_H_
