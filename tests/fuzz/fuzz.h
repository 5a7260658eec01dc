// What the fuzz targets have in common (README.md).
#ifndef HELOVET_TESTS_FUZZ_FUZZ_H_
#define HELOVET_TESTS_FUZZ_FUZZ_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace helovet::fuzz {

// Tries one input: each target has its own.
void Try(std::string_view input);

// Ends the process, as libFuzzer expects of a finding, unless `holds`.
inline void Hold(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

[[nodiscard]] inline bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char octet) { return octet >= ' ' && octet <= '~'; });
}

// Takes an input apart from its front; at its end everything is 0 or empty.
class Choices {
 public:
  explicit Choices(std::string_view input) : rest_(input) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  [[nodiscard]] std::uint8_t Octet() {
    const std::string_view octet = Take(1);
    return octet.empty() ? 0 : static_cast<std::uint8_t>(octet[0]);
  }
  // Below `end`, which is at most 256.
  [[nodiscard]] unsigned Below(unsigned end) { return Octet() % end; }
  [[nodiscard]] std::string_view Take(std::size_t octets) {
    const std::string_view taken = rest_.substr(0, octets);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // Up to `end`, which goes as well.
  [[nodiscard]] std::string_view TakeUpTo(char end) {
    const std::string_view taken = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(std::min(taken.size() + 1, rest_.size()));
    return taken;
  }
  [[nodiscard]] std::string_view Line() { return TakeUpTo('\n'); }

 private:
  std::string_view rest_;
};

}  // namespace helovet::fuzz

#endif  // HELOVET_TESTS_FUZZ_FUZZ_H_
