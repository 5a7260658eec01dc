#include "terminal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace helovet::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenFrames{100};
constexpr std::size_t kBarColumns = 30;

bool IsSmartTerminal(int descriptor) {
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

void WriteToTerminal(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

bool ShowsColours() {
  const char* const no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && IsSmartTerminal(STDOUT_FILENO);
}

std::string Coloured(std::string_view text, Colour colour) {
  if (!ShowsColours()) return std::string(text);
  return "\x1b[" + std::string(CodeOf(colour)) + "m" + std::string(text) + "\x1b[0m";
}

std::string Bar(double share, std::size_t columns) {
  const double filled = std::clamp(share, 0.0, 1.0) * static_cast<double>(columns);
  std::string bar;
  for (std::size_t column = 0; column < columns; ++column) {
    bar += static_cast<double>(column) + 0.5 <= filled ? "\u2588" : "\u2591";
  }
  return bar;
}

Progress::Progress(std::string_view what, std::uint64_t total) : what_(what), total_(total) {
  if (IsSmartTerminal(STDERR_FILENO)) {
    next_ = std::chrono::steady_clock::now() + kBetweenFrames;
  } else {
    next_ = std::chrono::steady_clock::time_point::max();
  }
}

Progress::~Progress() {
  if (shown_) WriteToTerminal("\r\x1b[K");
}

void Progress::Show(std::uint64_t done) {
  if (next_ == std::chrono::steady_clock::time_point::max()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kBetweenFrames;
  shown_ = true;
  std::string line = "\r" + what_ + ' ';
  if (total_ != 0) {
    const double share = static_cast<double>(done) / static_cast<double>(total_);
    line += Bar(share, kBarColumns) + ' ' +
            std::to_string(static_cast<int>(std::floor(100 * std::min(share, 1.0)))) + " %, ";
  }
  WriteToTerminal(line + std::to_string(done) + "\x1b[K");
}

}  // namespace helovet::cli
