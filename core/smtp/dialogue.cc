#include "smtp/dialogue.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/printable.h"

namespace helovet {
namespace {

using Answer = SmtpConnection::Answer;

constexpr int kSuccess = 2;  // RFC 5321 §4.2.1: the first digits.
constexpr int kTemporaryFailure = 4;
constexpr int kRefusal = 5;
// RFC 5321 §4.5.3.1.10: to RCPT it has to be read as 452.
constexpr int kTooMuchStorage = 552;
constexpr std::size_t kMaxEvidenceOctets = 512;  // Ours; the usual length of a line.

// What a refusal of one step means.
struct Refusal {
  Result result;
  Reason reason;
};

struct Speaker {
  SmtpConnection& connection;
  const Lines& lines;
  const std::string& host;
  Journal& journal;
  Ending ending = {};
  bool open = true;  // A command may still be sent.
};

Evidence EvidenceOf(const std::string& host, std::string_view step, std::string outcome,
                    std::string_view line) {
  std::string text(step);
  if (!line.empty()) text.append(": ").append(line.substr(0, kMaxEvidenceOctets));
  return {.owner = host,
          .type = "SMTP",
          .outcome = std::move(outcome),
          .ttl = 0,
          .ad = false,
          .text = Printable(text)};
}

std::string_view Token(SmtpFault fault) {
  switch (fault) {
    case SmtpFault::kClosed:
      return "closed";
    case SmtpFault::kTimeout:
      return "timeout";
    case SmtpFault::kMalformed:
      return "malformed";
  }
  return "";
}

void TellReply(Speaker& speaker, std::string_view step, const SmtpReply& reply) {
  speaker.ending.evidence.push_back(
      EvidenceOf(speaker.host, step, std::to_string(reply.code), reply.lines.back()));
}

void EndWithFault(Speaker& speaker, std::string_view step, SmtpFault fault) {
  speaker.open = false;
  Ending& ending = speaker.ending;
  ending.evidence.push_back(EvidenceOf(speaker.host, step, std::string(Token(fault)), ""));
  ending.result = Result::kTemperror;
  switch (fault) {
    case SmtpFault::kClosed:
      ending.reason = Reason::kTempfail;
      ending.next_host = true;
      speaker.journal.Note("the server has closed the connection");
      break;
    case SmtpFault::kTimeout:
      ending.reason = Reason::kTimeout;
      speaker.journal.Note("gives up: the time is over");
      break;
    case SmtpFault::kMalformed:
      ending.reason = Reason::kBadReply;
      break;
  }
}

// True: the step succeeded. Otherwise the ending is there.
bool Judge(Speaker& speaker, std::string_view step, const Answer& answer, Refusal refusal) {
  if (!answer) {
    EndWithFault(speaker, step, answer.error());
    return false;
  }
  if (answer->severity() == kSuccess) return true;
  TellReply(speaker, step, *answer);
  Ending& ending = speaker.ending;
  if (answer->severity() == kRefusal) {
    ending.result = refusal.result;
    ending.reason = refusal.reason;
  } else {
    ending.result = Result::kTemperror;
    // 3yz would have us go on with something that none of our commands has.
    ending.reason = answer->severity() == kTemporaryFailure ? Reason::kTempfail : Reason::kBadReply;
  }
  if (answer->code == kClosingCode) {
    speaker.open = false;
    ending.next_host = true;
  }
  return false;
}

Task<bool> Introduce(Speaker& speaker) {
  const Answer greeting = co_await speaker.connection.ReadGreeting();
  const Refusal unwelcome{Result::kTemperror, Reason::kRefusedWelcome};
  if (!Judge(speaker, "greeting", greeting, unwelcome)) {
    // Whatever it is that does not welcome us, another host may; but silence has used up the time.
    speaker.ending.next_host = speaker.ending.reason != Reason::kTimeout;
    co_return false;
  }
  if (speaker.lines.noop) {
    const Answer noop = co_await speaker.connection.Exchange("NOOP");
    const Refusal refusal{Result::kTemperror, Reason::kRefusedNoop};
    if (!Judge(speaker, "NOOP", noop, refusal)) co_return false;
  }
  const Refusal refusal{Result::kTemperror, Reason::kRefusedHelo};
  const Answer ehlo = co_await speaker.connection.Exchange("EHLO " + speaker.lines.helo);
  if (!ehlo || ehlo->severity() != kRefusal) co_return Judge(speaker, "EHLO", ehlo, refusal);
  const Answer helo = co_await speaker.connection.Exchange("HELO " + speaker.lines.helo);
  co_return Judge(speaker, "HELO", helo, refusal);
}

// What the probe says never takes back that the address itself was accepted.
Task<bool> ProbeForCatchAll(Speaker& speaker) {
  const Answer answer = co_await speaker.connection.Exchange("RCPT TO:" + speaker.lines.random);
  if (!answer) {
    speaker.open = false;
    speaker.journal.Note("the probe for a catch-all has no answer");
    co_return false;
  }
  if (answer->code == kClosingCode) speaker.open = false;
  if (answer->severity() == kSuccess) {
    TellReply(speaker, "RCPT TO of a random address", *answer);
    speaker.ending.domain.catch_all = true;
    speaker.ending.result = Result::kNeutral;
    speaker.ending.reason = Reason::kCatchAll;
  } else if (answer->severity() == kRefusal && answer->code != kTooMuchStorage) {
    speaker.ending.domain.catch_all = false;
  }
  co_return true;
}

Task<bool> Ask(Speaker& speaker) {
  DomainFinding& domain = speaker.ending.domain;
  const Answer mail = co_await speaker.connection.Exchange("MAIL FROM:<>");
  if (mail && mail->severity() == kRefusal) domain.takes_null_sender = false;
  const Refusal no_bounces{Result::kFail, Reason::kRefusedMailFrom};
  if (!Judge(speaker, "MAIL FROM", mail, no_bounces)) co_return false;
  domain.takes_null_sender = true;

  Answer rcpt = co_await speaker.connection.Exchange("RCPT TO:" + speaker.lines.recipient);
  Refusal unknown{Result::kFail, Reason::kRefusedRcpt};
  if (rcpt && rcpt->code == kTooMuchStorage) unknown = {Result::kTemperror, Reason::kTempfail};
  if (!Judge(speaker, "RCPT TO", rcpt, unknown)) co_return false;
  TellReply(speaker, "RCPT TO", *rcpt);
  speaker.ending.result = Result::kPass;
  speaker.ending.reason = Reason::kAccepted;
  if (!speaker.lines.random.empty()) co_await ProbeForCatchAll(speaker);
  co_return true;
}

}  // namespace

Task<Ending> Converse(SmtpConnection& connection, const Lines& lines, const std::string& host,
                      Journal& journal) {
  Speaker speaker{.connection = connection, .lines = lines, .host = host, .journal = journal};
  const bool introduced = co_await Introduce(speaker);
  if (introduced) co_await Ask(speaker);
  if (speaker.open) connection.Quit();
  co_return std::move(speaker.ending);
}

}  // namespace helovet
