#include "terminal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace helovet::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenFrames{100};
constexpr std::size_t kBarColumns = 30;
constexpr std::size_t kUsualColumns = 80;  // Of a terminal that does not say.
constexpr std::size_t kEighths = 8;

bool IsSmartTerminal(int descriptor) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it meanwhile.
  const char* const term = std::getenv("TERM");
  return isatty(descriptor) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

std::string_view CodeOf(Colour colour) {
  switch (colour) {  // ECMA-48 §8.3.117
    case Colour::kGood:
      return "32";
    case Colour::kDoubtful:
      return "33";
    case Colour::kBad:
      return "31";
    case Colour::kFaint:
      break;
  }
  return "2";
}

// Of the first variable that is set (POSIX.1-2008 §8.2). None: whoever reads files has UTF-8.
bool ShowsUtf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it meanwhile.
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string locale(value);
    std::ranges::transform(locale, locale.begin(), [](char octet) {
      return octet >= 'a' && octet <= 'z' ? static_cast<char>(octet - 'a' + 'A') : octet;
    });
    return locale.find("UTF-8") != std::string::npos || locale.find("UTF8") != std::string::npos;
  }
  return true;
}

// The rest of a column, in eighths, from the left.
std::string_view PartOfColumn(std::size_t eighths) {
  constexpr std::array<std::string_view, kEighths> kParts = {
      "\u2591", "\u258F", "\u258E", "\u258D", "\u258C", "\u258B", "\u258A", "\u2589"};
  return kParts[eighths];
}

std::size_t TerminalColumns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

void WriteToTerminal(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// How many of `steps` are filled: some of them if there is a share, not all if it is not all.
std::size_t FilledSteps(double share, std::size_t steps) {
  if (steps == 0 || share <= 0) return 0;
  if (share >= 1) return steps;
  const auto filled = static_cast<std::size_t>(std::llround(share * static_cast<double>(steps)));
  return std::clamp(filled, std::size_t{1}, std::max(steps - 1, std::size_t{1}));
}

}  // namespace

bool ShowsColours() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it meanwhile.
  const char* const no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && IsSmartTerminal(STDOUT_FILENO);
}

std::string Coloured(std::string_view text, Colour colour) {
  if (!ShowsColours()) return std::string(text);
  return "\x1b[" + std::string(CodeOf(colour)) + "m" + std::string(text) + "\x1b[0m";
}

std::string Bar(double share, std::size_t columns) {
  if (!ShowsUtf8()) {
    const std::size_t filled = FilledSteps(share, columns);
    return std::string(filled, '#') + std::string(columns - filled, '.');
  }
  const std::size_t filled = FilledSteps(share, columns * kEighths);
  std::string bar;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t before = column * kEighths;
    bar += filled >= before + kEighths ? "\u2588"
                                       : PartOfColumn(filled > before ? filled - before : 0);
  }
  return bar;
}

std::string Padded(std::string_view text, std::size_t columns) {
  std::string padded(text);
  padded.append(text.size() < columns ? columns - text.size() : 1, ' ');
  return padded;
}

Progress::Progress(std::string_view what, std::uint64_t total)
    : what_(what),
      total_(total),
      is_terminal_(IsSmartTerminal(STDERR_FILENO)),
      next_(std::chrono::steady_clock::now() + kBetweenFrames) {}

Progress::~Progress() {
  if (shown_) WriteToTerminal("\r\x1b[K");
}

void Progress::Show(std::uint64_t done) {
  if (!is_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kBetweenFrames;
  shown_ = true;
  const std::string count = ' ' + std::to_string(done);
  std::string bar;
  if (total_ != 0) {
    const double share = std::min(static_cast<double>(done) / static_cast<double>(total_), 1.0);
    const std::string percent =
        ' ' + std::to_string(static_cast<int>(std::floor(100 * share))) + " %,";
    // The last column stays free, for some terminals wrap behind it.
    if (what_.size() + 1 + kBarColumns + percent.size() + count.size() < TerminalColumns()) {
      bar = ' ' + Bar(share, kBarColumns) + percent;
    }
  }
  if (bar.empty() && what_.size() + count.size() >= TerminalColumns()) return;
  WriteToTerminal('\r' + what_ + bar + count + "\x1b[K");
}

}  // namespace helovet::cli
