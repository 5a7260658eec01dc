#include "batch_input.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <system_error>
#include <unordered_set>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "helovet/render.h"
#include "output.h"
#include "terminal.h"

namespace helovet::cli {
namespace {

constexpr std::size_t kLinesToDetect = 100;
constexpr std::uint64_t kMaxComplaints = 10;
constexpr std::size_t kMaxQuotedOctets = 80;

void Tell(const std::string& text) {
  // For its prefix and its way alone; no exit code comes of it.
  static_cast<void>(Refuse(text));
}

// Sessions of a vector by their values.
struct Position {
  const std::vector<CountedSession>* all;
  const Session& Of(std::size_t index) const { return (*all)[index].session; }

  std::size_t operator()(std::size_t index) const {
    const Session& session = Of(index);
    std::size_t hash = std::hash<std::string>()(session.helo);
    for (const std::uint8_t octet : session.client.bytes()) hash = hash * 31 + octet;
    return hash * 31 + std::hash<std::string>()(session.mail_from.value_or("-"));
  }
  bool operator()(std::size_t a, std::size_t b) const {
    const Session& first = Of(a);
    const Session& second = Of(b);
    return first.client == second.client && first.helo == second.helo &&
           first.mail_from == second.mail_from && first.authenticated == second.authenticated &&
           first.smtputf8 == second.smtputf8;
  }
};

// Adds sessions to a vector, those that are in it already to their count.
class Round {
 public:
  explicit Round(std::vector<CountedSession>& sessions)
      : sessions_(sessions), known_(0, Position{&sessions}, Position{&sessions}) {}

  void Add(Session session) {
    sessions_.push_back(CountedSession{.session = std::move(session)});
    const auto [place, is_new] = known_.insert(sessions_.size() - 1);
    if (is_new) return;
    sessions_.pop_back();
    ++sessions_[*place].count;
  }

 private:
  std::vector<CountedSession>& sessions_;
  std::unordered_set<std::size_t, Position, Position> known_;
};

}  // namespace

tl::expected<LineInput, std::string> LineInput::Open(const std::string& path) {
  if (path == "-") return LineInput(STDIN_FILENO, "standard input");
  const std::string name = EscapeForLog(path);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return tl::make_unexpected(name +
                               ": cannot be read: " + std::generic_category().message(errno));
  }
  return LineInput(fd, name);
}

LineInput::LineInput(LineInput&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      error_(std::move(other.error_)),
      buffer_(std::move(other.buffer_)),
      unread_(std::exchange(other.unread_, {})),
      line_(std::move(other.line_)) {}

LineInput::~LineInput() {
  if (fd_ > STDERR_FILENO) close(fd_);
}

// Whether there is more.
bool LineInput::Fill() {
  const ssize_t octets = read(fd_, buffer_.data(), buffer_.size());
  if (octets < 0 && errno != EINTR) {
    error_ = name_ + ": cannot be read: " + std::generic_category().message(errno);
  }
  if (octets <= 0) return false;
  unread_ = std::string_view(buffer_.data(), static_cast<std::size_t>(octets));
  return true;
}

std::optional<std::string_view> LineInput::Next() {
  line_.clear();
  bool has_octets = false;
  while (true) {
    if (unread_.empty() && !Fill()) break;
    has_octets = true;
    const std::size_t end = unread_.find('\n');
    const std::string_view part = unread_.substr(0, end);
    line_ += part.substr(0, kMaxSessionLineOctets + 1 - line_.size());
    unread_.remove_prefix(std::min(part.size() + 1, unread_.size()));
    if (end != std::string_view::npos) return line_;
  }
  if (!has_octets) return std::nullopt;
  return line_;
}

tl::expected<BatchInput, std::string> BatchInput::Open(const std::string& path,
                                                       std::optional<LogFormat> format,
                                                       std::function<bool()> is_interrupted) {
  auto lines = LineInput::Open(path);
  if (!lines) return tl::make_unexpected(lines.error());
  BatchInput input(*std::move(lines), std::move(is_interrupted));
  if (format) {
    input.format_ = *format;
  } else if (!input.Detect()) {
    if (!input.error().empty()) return tl::make_unexpected(input.error());
    return tl::make_unexpected(input.name() +
                               ": its first lines are of no known format; see --format");
  }
  input.reader_ = std::make_unique<SessionLogReader>(input.format_);
  return input;
}

// Whether the first lines tell the format. What is empty is a log without sessions.
bool BatchInput::Detect() {
  while (first_lines_.size() < kLinesToDetect) {
    const std::optional<std::string_view> line = lines_.Next();
    if (!line) break;
    first_lines_.emplace_back(*line);
  }
  if (!error().empty()) return false;
  if (first_lines_.empty()) return true;
  const std::vector<std::string> lines(first_lines_.begin(), first_lines_.end());
  const std::optional<LogFormat> format = DetectLogFormat(lines);
  if (!format) return false;
  format_ = *format;
  Tell(name() + ": taken for the format " + std::string(ToString(format_)));
  return true;
}

std::optional<std::string> BatchInput::NextLine() {
  if (!first_lines_.empty()) {
    std::string line = std::move(first_lines_.front());
    first_lines_.pop_front();
    return line;
  }
  const std::optional<std::string_view> line = lines_.Next();
  if (!line) return std::nullopt;
  return std::string(*line);
}

std::vector<CountedSession> BatchInput::NextRound() {
  std::vector<CountedSession> sessions;
  Round round(sessions);
  Progress progress("Reading", 0);
  while (sessions.size() < kMaxDistinctSessions && !is_interrupted_()) {
    const std::optional<std::string> text = NextLine();
    if (!text) break;
    progress.Show(++counts_.lines);
    LogLine line = reader_->Read(*text);
    if (line.kind == LogLine::Kind::kMalformed && ++counts_.malformed <= kMaxComplaints) {
      Complain(*text, line.problem);
    }
    if (line.kind != LogLine::Kind::kSession) continue;
    ++counts_.sessions;
    round.Add(*std::move(line.session));
  }
  counts_.incomplete = reader_->incomplete();
  return sessions;
}

void BatchInput::Complain(std::string_view line, std::string_view problem) const {
  Tell(name() + ':' + std::to_string(counts_.lines) + ": \"" +
       EscapeForLog(line.substr(0, kMaxQuotedOctets)) +
       (line.size() > kMaxQuotedOctets ? "...\"" : "\"") +
       " is no session: " + std::string(problem));
}

void BatchInput::TellTheRest() const {
  if (counts_.malformed <= kMaxComplaints) return;
  Tell(name() + ": " + std::to_string(counts_.malformed - kMaxComplaints) +
       " more lines are no sessions");
}

}  // namespace helovet::cli
