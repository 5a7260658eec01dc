// Validates SMTP sessions from standard input, many at a time, with libhelovet:
//
//   validate-sessions [ZONE-FILE...] < SESSIONS
//
// A line is one session: "ADDRESS HELO-NAME [MAIL-FROM]", with <> for the null sender. The verdicts
// come in the order in which they are reached. DNS answers come from the zone files, or, without
// any, from the servers of /etc/resolv.conf. The exit status is 1 where a line is no session.
// docs/library.md explains the program.
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/render.h"

namespace {

constexpr std::size_t kMostAtOnce = 100;
constexpr std::size_t kMaxLineOctets = 4096;

std::optional<helovet::Session> ParseSession(const std::string& line) {
  std::istringstream words(line);
  std::string address;
  std::string helo;
  std::string mail_from;
  words >> address >> helo >> mail_from;
  const std::optional<helovet::IpAddress> client = helovet::IpAddress::Parse(address);
  if (!client || helo.empty()) return std::nullopt;
  helovet::Session session{.client = *client, .helo = helo};
  if (!mail_from.empty()) session.mail_from = mail_from == "<>" ? "" : mail_from;
  return session;
}

// Reads sessions as long as there is room for them, and keeps the validations that are under way.
class Validator {
 public:
  Validator(helovet::Loop& loop, helovet::Engine& engine) : loop_(loop), engine_(engine) {
    WatchInput();
  }

  [[nodiscard]] bool finished() const { return ended_ && under_way_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  // poll(2) never waits for a file, and a pipe or terminal holds up nothing else of the loop.
  void WatchInput() {
    input_ = loop_.WatchDescriptor(STDIN_FILENO, POLLIN, [this](short) { Read(); });
  }

  void Read() {
    char octets[kMaxLineOctets];
    const ssize_t count = read(STDIN_FILENO, octets, sizeof octets);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count > 0) {
      text_.append(octets, static_cast<std::size_t>(count));
    } else {
      if (count < 0) failed_ = true;
      if (!text_.empty()) text_ += '\n';  // The last line may lack its end.
      ended_ = true;
      input_.Cancel();
    }
    StartSome();
  }

  void StartSome() {
    std::size_t end = 0;
    while (under_way_.size() < kMostAtOnce && (end = text_.find('\n')) != std::string::npos) {
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      if (std::optional<helovet::Session> session = ParseSession(line)) {
        Start(*std::move(session));
      } else {
        Complain("no session: " + line);
      }
    }
    if (under_way_.size() < kMostAtOnce && text_.size() > kMaxLineOctets) {
      Complain("a line that is too long");
      text_.clear();
      ended_ = true;
      input_.Cancel();
    }
    // No more is read than can be started, so that memory is bounded whatever comes.
    if (under_way_.size() >= kMostAtOnce) {
      input_.Cancel();
    } else if (!ended_ && !input_) {
      WatchInput();
    }
  }

  void Start(helovet::Session session) {
    const std::size_t number = next_++;
    // The callback never comes from inside Validate, so the entry is there before it.
    under_way_[number] =
        engine_.Validate(std::move(session), [this, number](const helovet::Verdict& verdict) {
          std::puts(helovet::RenderLogLine(verdict).c_str());
          under_way_.erase(number);  // Ends the verdict as well.
          StartSome();
        });
  }

  void Complain(std::string_view what) {
    failed_ = true;
    std::fprintf(stderr, "validate-sessions: %s\n", helovet::EscapeForLog(what).c_str());
  }

  helovet::Loop& loop_;
  helovet::Engine& engine_;
  helovet::Loop::Handle input_;
  std::string text_;
  bool ended_ = false;
  bool failed_ = false;
  std::size_t next_ = 0;
  std::map<std::size_t, std::unique_ptr<helovet::Validation>> under_way_;
};

helovet::FileErrorOr<std::unique_ptr<helovet::Engine>> MakeEngine(
    helovet::Loop& loop, const std::vector<std::string>& zones) {
  const auto config = std::make_shared<const helovet::Config>();
  if (!zones.empty()) return helovet::Engine::CreateWithZones(loop, config, zones);
  // Many sessions ask the same.
  return std::make_unique<helovet::Engine>(loop, config, nullptr, helovet::AnswerMemory::kKept);
}

}  // namespace

int main(int argc, char** argv) {
  // Destroyed last first: the validations, the engine, the loop.
  helovet::Loop loop;
  const auto engine = MakeEngine(loop, {argv + 1, argv + argc});
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().ToString().c_str());
    return 2;
  }
  Validator validator(loop, **engine);
  loop.RunUntil([&] { return validator.finished(); });
  for (const helovet::FileError& problem : (*engine)->TakeComplaints()) {
    std::fprintf(stderr, "%s\n", problem.ToString().c_str());
  }
  return validator.failed() ? 1 : 0;
}
