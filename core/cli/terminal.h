// What a terminal can show that a file cannot.
#ifndef HELOVET_CORE_CLI_TERMINAL_H_
#define HELOVET_CORE_CLI_TERMINAL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace helovet::cli {

enum class Colour : std::uint8_t { kGood, kDoubtful, kBad, kFaint };

// Whether standard output is a terminal that shows colours: it is one, TERM is not "dumb", and
// NO_COLOR is unset or empty (no-color.org).
[[nodiscard]] bool ShowsColours();

// `text` in `colour` where ShowsColours(), else as it is. `text` is printable already.
[[nodiscard]] std::string Coloured(std::string_view text, Colour colour);

// A bar of `columns` columns, `share` (0 to 1) of which are filled: blocks in UTF-8, by eighths of
// a column, or "#" and "." where LC_ALL, LC_CTYPE or LANG names another character set. A share that
// is not zero fills something, and one that is not all leaves something.
[[nodiscard]] std::string Bar(double share, std::size_t columns);

// `text` filled up with blanks to `columns`, one blank at least.
[[nodiscard]] std::string Padded(std::string_view text, std::size_t columns);

// Shows on standard error how far a long task is, while that is a terminal; otherwise says nothing.
// One line that is written over at most ten times a second, never longer than the terminal is wide,
// and wiped by the destructor.
class Progress {
 public:
  // `what` stands before the bar, in ASCII: "Reading". `total` 0: not known, so that there is a
  // count alone.
  Progress(std::string_view what, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of the total. Cheap enough to be called for each of millions.
  void Show(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  bool shown_ = false;
  bool is_terminal_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_TERMINAL_H_
