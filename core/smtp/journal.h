// What was said in a call, and when.
#ifndef HELOVET_CORE_SMTP_JOURNAL_H_
#define HELOVET_CORE_SMTP_JOURNAL_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "helovet/callback.h"
#include "helovet/loop.h"
#include "smtp/reply.h"

namespace helovet {

inline constexpr std::size_t kMaxJournalLineOctets = 512;  // helovet/callback.h

// The dialogue of one call, with all its servers. Its size is bounded by what replies and the
// number of hosts are bounded by.
class Journal {
 public:
  // `loop` must outlive the journal.
  explicit Journal(Loop& loop) : loop_(loop), begin_(loop.Now()) {}

  void Note(std::string text) { Add(CallbackLine::Kind::kNote, std::move(text)); }
  void Sent(std::string_view command) {
    Add(CallbackLine::Kind::kSent, std::string(command.substr(0, kMaxJournalLineOctets)));
  }
  void Received(const SmtpReply& reply) {
    for (const std::string& line : reply.lines) {
      Add(CallbackLine::Kind::kReceived, line.substr(0, kMaxJournalLineOctets));
    }
  }

  [[nodiscard]] std::vector<CallbackLine> Take() { return std::move(lines_); }

 private:
  void Add(CallbackLine::Kind kind, std::string text) {
    const auto at = std::chrono::duration_cast<std::chrono::microseconds>(loop_.Now() - begin_);
    lines_.push_back({.kind = kind, .at = at, .text = std::move(text)});
  }

  Loop& loop_;
  Loop::TimePoint begin_;
  std::vector<CallbackLine> lines_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_JOURNAL_H_
