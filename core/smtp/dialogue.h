// What is said to one mail server (docs/rules.md §12.3).
#ifndef HELOVET_CORE_SMTP_DIALOGUE_H_
#define HELOVET_CORE_SMTP_DIALOGUE_H_

#include <string>
#include <vector>

#include "helovet/result.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "smtp/connection.h"
#include "smtp/journal.h"

namespace helovet {

// The commands of a call, without what they always begin with.
struct Lines {
  bool noop = false;
  std::string helo;       // Behind EHLO.
  std::string recipient;  // The sender that is verified, in angle brackets.
  std::string random;     // Another one of the same domain; empty: no probe.
};

// How the dialogue with one server ended.
struct Ending {
  Result result = Result::kTemperror;
  Reason reason = Reason::kTempfail;
  bool next_host = false;  // Another server may say more.
  DomainFinding domain = {};
  std::vector<Evidence> evidence = {};  // The replies that decided, or what came in their place.
};

// Speaks until there is an answer, then says goodbye. `host` is named in the evidence. The
// references must outlive the task.
[[nodiscard]] Task<Ending> Converse(SmtpConnection& connection, const Lines& lines,
                                    const std::string& host, Journal& journal);

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_DIALOGUE_H_
