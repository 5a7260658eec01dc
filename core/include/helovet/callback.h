// Callback verification by itself, for people: `helovet callback` (docs/rules.md §12).
#ifndef HELOVET_CALLBACK_H_
#define HELOVET_CALLBACK_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/result.h"
#include "helovet/verdict.h"

namespace helovet {

// What came of the parts of a call; the lines of the table of statistics (docs/rules.md §13.3).
struct CallbackTally {
  std::uint32_t bad_domain = 0;
  std::uint32_t no_mx = 0;
  std::uint32_t bad_connects = 0;   // Several where several hosts were tried.
  std::uint32_t smtp_sessions = 0;  // Connections that were made.
  std::uint32_t refused_welcome = 0;
  std::uint32_t refused_noop = 0;
  std::uint32_t refused_helo = 0;
  std::uint32_t refused_mail_from = 0;
  std::uint32_t refused_rcpt = 0;
};

// One step of the dialogue.
struct CallbackLine {
  enum class Kind : std::uint8_t {
    kNote,      // What helovet does: connects, closes, gives up.
    kSent,      // A command, without its CRLF.
    kReceived,  // A line of a reply, without its CRLF: any octets, cut at 512.
  };
  Kind kind = Kind::kNote;
  std::chrono::microseconds at{0};  // Since the call began.
  std::string text = {};
};

// A call as a whole.
struct CallbackReport {
  std::string address;  // As it was given.
  CheckResult check = {.check = CheckId::kCbv};
  CallbackTally tally = {};
  std::vector<Exchange> exchanges = {};  // The questions for the domain's mail servers.
  std::vector<CallbackLine> dialogue = {};
};

// What people read: the questions, the dialogue line by line, what came of it and by which rule. No
// octet of it is a control character but "\n".
[[nodiscard]] std::string RenderCallback(const CallbackReport& report);
// The same as one JSON object, ended by "\n".
[[nodiscard]] std::string RenderCallbackJson(const CallbackReport& report);

}  // namespace helovet

#endif  // HELOVET_CALLBACK_H_
