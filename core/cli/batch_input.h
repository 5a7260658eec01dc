// The sessions of a log, read in rounds of bounded size.
#ifndef HELOVET_CORE_CLI_BATCH_INPUT_H_
#define HELOVET_CORE_CLI_BATCH_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/session.h"
#include "helovet/session_log.h"
#include "tl/expected.hpp"

namespace helovet::cli {

// The lines of a file, a pipe or a terminal. Not thread-safe.
class LineInput {
 public:
  // "-" is standard input. Unexpected: why it cannot be opened, in printable ASCII.
  [[nodiscard]] static tl::expected<LineInput, std::string> Open(const std::string& path);
  LineInput(LineInput&& other) noexcept;
  LineInput& operator=(LineInput&&) = delete;
  ~LineInput();

  // The next line without its line feed, cut behind kMaxSessionLineOctets + 1 octets; valid until
  // the next call. None at the end, after a failure, and when a signal has come.
  [[nodiscard]] std::optional<std::string_view> Next();

  // Empty unless reading has failed.
  [[nodiscard]] const std::string& error() const { return error_; }
  // The input as messages call it, in printable ASCII.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  LineInput(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  bool Fill();

  int fd_;  // -1: moved from. Standard input is not closed.
  std::string name_;
  std::string error_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{64} * 1024);
  std::string_view unread_;  // In buffer_.
  std::string line_;
};

// A session, and how many like it the log had within a round.
struct CountedSession {
  Session session;
  std::uint64_t count = 1;
};

// Sessions in the order in which each was met first. With more of them that differ than this they
// are judged in several rounds, and what is in two rounds is judged twice: some 50 MB.
inline constexpr std::size_t kMaxDistinctSessions = 100'000;

struct LineCounts {
  std::uint64_t lines = 0;
  std::uint64_t sessions = 0;
  std::uint64_t malformed = 0;
  std::uint64_t incomplete = 0;  // SessionLogReader::incomplete().
};

// Reads sessions and complains about lines that should be some.
class BatchInput {
 public:
  // `format` none: that which the first lines have; standard error tells which it is.
  // `is_interrupted` ends reading. Unexpected: what is wrong, in printable ASCII.
  [[nodiscard]] static tl::expected<BatchInput, std::string> Open(
      const std::string& path, std::optional<LogFormat> format,
      std::function<bool()> is_interrupted);

  // The next round; empty at the end.
  [[nodiscard]] std::vector<CountedSession> NextRound();

  // To be called at the end: tells how many malformed lines were not told of.
  void TellTheRest() const;

  [[nodiscard]] const LineCounts& counts() const { return counts_; }
  [[nodiscard]] const std::string& name() const { return lines_.name(); }
  [[nodiscard]] const std::string& error() const { return lines_.error(); }
  [[nodiscard]] LogFormat format() const { return format_; }

 private:
  BatchInput(LineInput lines, std::function<bool()> is_interrupted)
      : lines_(std::move(lines)), is_interrupted_(std::move(is_interrupted)) {}

  bool Detect();
  std::optional<std::string> NextLine();
  void Complain(std::string_view line, std::string_view problem) const;

  LineInput lines_;
  std::function<bool()> is_interrupted_;
  LogFormat format_ = LogFormat::kPlain;
  std::deque<std::string> first_lines_;  // Read to detect the format, and not yet as sessions.
  std::unique_ptr<SessionLogReader> reader_;
  LineCounts counts_;
};

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_BATCH_INPUT_H_
