// What one mail server says, and what is made of it (docs/rules.md §12.3).
#include "smtp/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/smtp/run_call.h"
#include "core/smtp/scripted_peer.h"

namespace helovet {
namespace {

using testing::Close;
using ::testing::Contains;
using testing::Drip;
using ::testing::ElementsAre;
using testing::HalfClose;
using testing::kLongDeadline;
using testing::kShortDeadline;
using testing::Late;
using testing::OneHost;
using testing::OpenDescriptors;
using testing::OptionsFor;
using testing::Reset;
using testing::RunningCall;
using testing::Say;
using testing::Script;
using testing::ScriptedPeer;
using testing::Silence;
using testing::Text;
using testing::Texts;
using testing::WaitForQuit;

const std::string kAccepting = "reachable yes, null sender yes, catch-all ?";
const std::string kNothingKnown = "reachable yes, null sender ?, catch-all ?";

struct DialogueCase {
  std::string id = {};
  std::string source = {};
  Script script = {};
  std::string wanted = {};
  std::string wanted_tally = "smtp sessions 1";
  std::string wanted_domain = kNothingKnown;
  bool noop = false;
  bool catch_all = false;
  std::chrono::milliseconds deadline = kLongDeadline;
};
void PrintTo(const DialogueCase& each, std::ostream* out) { *out << each.id; }

class Dialogue : public ::testing::TestWithParam<DialogueCase> {};

TEST_P(Dialogue, HasItsOutcome) {
  const DialogueCase& wanted = GetParam();
  SCOPED_TRACE(wanted.source);
  const std::size_t descriptors = OpenDescriptors();
  {
    Loop loop;
    const ScriptedPeer peer(loop, wanted.script);
    CallOptions options = OptionsFor(peer.port());
    options.noop = wanted.noop;
    options.catch_all = wanted.catch_all;
    options.random_local_part = "qwertzuiop";
    RunningCall call(loop, OneHost(), options, wanted.deadline);
    const CallOutcome got = call.Wait();
    EXPECT_EQ(Text(got), wanted.wanted);
    EXPECT_EQ(Text(got.tally), wanted.wanted_tally);
    EXPECT_EQ(Text(got.domain), wanted.wanted_domain);
    EXPECT_EQ(peer.connections(), 1U);
    if (wanted.deadline == kShortDeadline) {
      EXPECT_GE(call.took(), kShortDeadline);
    }
  }
  EXPECT_EQ(OpenDescriptors(), descriptors);
}

std::string IdOf(const ::testing::TestParamInfo<DialogueCase>& each) { return each.param.id; }

INSTANTIATE_TEST_SUITE_P(
    Answers, Dialogue,
    ::testing::ValuesIn(std::vector<DialogueCase>{
        {.id = "Accepted",
         .source = "docs/rules.md §12.3",
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting},
        {.id = "AcceptedWithNoop",
         .source = "CBV: the author's system sent NOOP",
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting,
         .noop = true},
        {.id = "AcceptedByForwarding",
         .source = "RFC 5321 §3.4: 251",
         .script = {{"RCPT", Say("251 will forward\r\n")}},
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting},
        {.id = "RefusedRecipient",
         .source = "docs/rules.md §12.3",
         .script = {{"RCPT", Say("550 5.1.1 no such user\r\n")}},
         .wanted = "fail/refused-rcpt",
         .wanted_tally = "smtp sessions 1, refused rcpt 1",
         .wanted_domain = kAccepting},
        {.id = "RefusedRecipientAndLeft",
         .source = "RFC 5321 §3.8: 421 may come at any time",
         .script = {{"RCPT", Close("550 no such user\r\n421 too many errors\r\n")}},
         .wanted = "fail/refused-rcpt",
         .wanted_tally = "smtp sessions 1, refused rcpt 1",
         .wanted_domain = kAccepting},
        {.id = "Greylisted",
         .source = "docs/rules.md §12.3: 4yz anywhere",
         .script = {{"RCPT", Say("450 4.7.1 greylisted\r\n")}},
         .wanted = "temperror/tempfail",
         .wanted_domain = kAccepting},
        {.id = "TooMuchStorageIsTemporary",
         .source = "RFC 5321 §4.5.3.1.10: 552 to RCPT counts as 452",
         .script = {{"RCPT", Say("552 too many\r\n")}},
         .wanted = "temperror/tempfail",
         .wanted_domain = kAccepting},
        {.id = "RefusedNullSender",
         .source = "RFC 5321 §6.1; docs/rules.md §12.3",
         .script = {{"MAIL", Say("550 no bounces\r\n")}},
         .wanted = "fail/refused-mail-from",
         .wanted_tally = "smtp sessions 1, refused mail from 1",
         .wanted_domain = "reachable yes, null sender no, catch-all ?"},
        {.id = "MailFromLater",
         .source = "docs/rules.md §12.3: 4yz anywhere",
         .script = {{"MAIL", Say("451 later\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "RefusedGreeting",
         .source = "docs/rules.md §12.3",
         .script = {{"greeting", Say("554 no SMTP service here\r\n")}},
         .wanted = "temperror/refused-welcome",
         .wanted_tally = "smtp sessions 1, refused welcome 1"},
        {.id = "GreetingLater",
         .source = "docs/rules.md §12.3: 4yz anywhere",
         .script = {{"greeting", Close("421 too busy\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "RefusedNoop",
         .source = "CBV: refused noop",
         .script = {{"NOOP", Say("502 what\r\n")}},
         .wanted = "temperror/refused-noop",
         .wanted_tally = "smtp sessions 1, refused noop 1",
         .noop = true},
        {.id = "NoopLater",
         .source = "docs/rules.md §12.3: 4yz anywhere",
         .script = {{"NOOP", Say("450 later\r\n")}},
         .wanted = "temperror/tempfail",
         .noop = true},
        {.id = "HeloWhereEhloIsRefused",
         .source = "RFC 5321 §3.2",
         .script = {{"EHLO", Say("502 5.5.1 what\r\n")}},
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting},
        {.id = "RefusedEhloAndHelo",
         .source = "docs/rules.md §12.3",
         .script = {{"EHLO", Say("502 what\r\n")}, {"HELO", Say("550 go away\r\n")}},
         .wanted = "temperror/refused-helo",
         .wanted_tally = "smtp sessions 1, refused helo 1"},
        {.id = "EhloLater",
         .source = "docs/rules.md §12.3: 4yz anywhere",
         .script = {{"EHLO", Say("451 later\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "HeloLater",
         .source = "docs/rules.md §12.3: 4yz anywhere",
         .script = {{"EHLO", Say("500 what\r\n")}, {"HELO", Say("451 later\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "CatchAll",
         .source = "docs/rules.md §12.3",
         .wanted = "neutral/catch-all",
         .wanted_domain = "reachable yes, null sender yes, catch-all yes",
         .catch_all = true},
        {.id = "NoCatchAll",
         .source = "docs/rules.md §12.3",
         .script = {{"RCPT2", Say("550 no such user\r\n")}},
         .wanted = "pass/accepted",
         .wanted_domain = "reachable yes, null sender yes, catch-all no",
         .catch_all = true},
        {.id = "CatchAllUnknown",
         .source = "docs/rules.md §12.3: the address was accepted",
         .script = {{"RCPT2", Say("450 later\r\n")}},
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting,
         .catch_all = true},
        {.id = "CatchAllClosed",
         .source = "docs/rules.md §12.3: the address was accepted",
         .script = {{"RCPT2", Close()}},
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting,
         .catch_all = true},
        {.id = "CatchAllSilent",
         .source = "docs/rules.md §12.3: the address was accepted",
         .script = {{"RCPT2", Silence()}},
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting,
         .catch_all = true,
         .deadline = kShortDeadline},
        {.id = "RefusedIsNotProbed",
         .source = "docs/rules.md §12.3",
         .script = {{"RCPT", Say("550 no\r\n")}},
         .wanted = "fail/refused-rcpt",
         .wanted_tally = "smtp sessions 1, refused rcpt 1",
         .wanted_domain = kAccepting,
         .catch_all = true},
        {.id = "QuitReset",
         .source = "docs/rules.md §12.3: QUIT changes nothing",
         .script = {{"QUIT", Reset()}},
         .wanted = "pass/accepted",
         .wanted_domain = kAccepting},
    }),
    IdOf);

INSTANTIATE_TEST_SUITE_P(
    Ends, Dialogue,
    ::testing::ValuesIn(std::vector<DialogueCase>{
        {.id = "ClosedAtOnce",
         .source = "docs/rules.md §12.3",
         .script = {{"greeting", Close()}},
         .wanted = "temperror/tempfail"},
        {.id = "ResetAtOnce",
         .source = "docs/rules.md §12.3",
         .script = {{"greeting", Reset()}},
         .wanted = "temperror/tempfail"},
        {.id = "ClosedAfterGreeting",
         .source = "docs/rules.md §12.3",
         .script = {{"greeting", Close("220 hello\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "ClosedAtNoop",
         .source = "docs/rules.md §12.3",
         .script = {{"NOOP", Close()}},
         .wanted = "temperror/tempfail",
         .noop = true},
        {.id = "ClosedAtEhlo",
         .source = "docs/rules.md §12.3",
         .script = {{"EHLO", Close()}},
         .wanted = "temperror/tempfail"},
        {.id = "ClosedAtHelo",
         .source = "docs/rules.md §12.3",
         .script = {{"EHLO", Say("500 what\r\n")}, {"HELO", Close()}},
         .wanted = "temperror/tempfail"},
        {.id = "ClosedAtMail",
         .source = "docs/rules.md §12.3",
         .script = {{"MAIL", Close()}},
         .wanted = "temperror/tempfail"},
        {.id = "ResetAtMail",
         .source = "docs/rules.md §12.3; no SIGPIPE",
         .script = {{"MAIL", Reset()}},
         .wanted = "temperror/tempfail"},
        {.id = "ClosedAtRcpt",
         .source = "docs/rules.md §12.3",
         .script = {{"RCPT", Close()}},
         .wanted = "temperror/tempfail",
         .wanted_domain = kAccepting},
        {.id = "ClosedAmidReply",
         .source = "docs/rules.md §12.3",
         .script = {{"RCPT", Close("250-2.1.5 o")}},
         .wanted = "temperror/tempfail",
         .wanted_domain = kAccepting},
        {.id = "ClosedWith421",
         .source = "RFC 5321 §3.8",
         .script = {{"MAIL", Close("421 shutting down\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "Early421",
         .source = "RFC 5321 §3.8: 421 may come at any time",
         .script = {{"EHLO", Close("250 peer.test\r\n421 shutting down\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "HalfClosed",
         .source = "docs/rules.md §12.3",
         .script = {{"MAIL", HalfClose()}},
         .wanted = "temperror/tempfail"},
        {.id = "HalfClosedAfterReply",
         .source = "docs/rules.md §12.3",
         .script = {{"EHLO", HalfClose("250 peer.test\r\n")}},
         .wanted = "temperror/tempfail"},
        {.id = "NoGreeting",
         .source = "docs/rules.md §12.3: silence",
         .script = {{"greeting", Silence()}},
         .wanted = "temperror/timeout",
         .deadline = kShortDeadline},
        {.id = "SilentAtNoop",
         .source = "docs/rules.md §12.3: silence",
         .script = {{"NOOP", Silence()}},
         .wanted = "temperror/timeout",
         .noop = true,
         .deadline = kShortDeadline},
        {.id = "SilentAtEhlo",
         .source = "docs/rules.md §12.3: silence",
         .script = {{"EHLO", Silence()}},
         .wanted = "temperror/timeout",
         .deadline = kShortDeadline},
        {.id = "SilentAtMail",
         .source = "docs/rules.md §12.3: silence",
         .script = {{"MAIL", Silence()}},
         .wanted = "temperror/timeout",
         .deadline = kShortDeadline},
        {.id = "SilentAtRcpt",
         .source = "docs/rules.md §12.3: silence",
         .script = {{"RCPT", Silence()}},
         .wanted = "temperror/timeout",
         .wanted_domain = kAccepting,
         .deadline = kShortDeadline},
        {.id = "Tarpit",
         .source = "docs/rules.md §12.4: cbv.timeout bounds a call",
         .script = {{"greeting",
                     Drip("220-wait\r\n220-wait\r\n220 hello\r\n", std::chrono::milliseconds(30))}},
         .wanted = "temperror/timeout",
         .deadline = kShortDeadline},
        {.id = "SlowButInTime",
         .source = "docs/rules.md §12.3",
         .script = {{"greeting", Late(std::chrono::milliseconds(60), "220 hello\r\n")},
                    {"RCPT", Late(std::chrono::milliseconds(60), "550 no such user\r\n")}},
         .wanted = "fail/refused-rcpt",
         .wanted_tally = "smtp sessions 1, refused rcpt 1",
         .wanted_domain = kAccepting},
        {.id = "DrippedOctets",
         .source = "RFC 5321 §4.2",
         .script = {{"greeting", Drip("220-one\r\n220 two\r\n")},
                    {"EHLO", Drip("250-peer.test\r\n250-SIZE\r\n250 HELP\r\n")},
                    {"MAIL", Drip("250 ok\r\n")},
                    {"RCPT", Drip("550-no\r\n550 such user\r\n")}},
         .wanted = "fail/refused-rcpt",
         .wanted_tally = "smtp sessions 1, refused rcpt 1",
         .wanted_domain = kAccepting},
    }),
    IdOf);

TEST(Call, SaysWhatItHasToAndNothingElse) {
  Loop loop;
  const ScriptedPeer peer(loop);
  CallOptions options = OptionsFor(peer.port());
  options.noop = true;
  options.catch_all = true;
  options.random_local_part = "qwertzuiop";
  RunningCall(loop, OneHost(), options).Wait();
  WaitForQuit(loop, peer);
  EXPECT_THAT(peer.lines(),
              ElementsAre("NOOP", "EHLO caller.example.org", "MAIL FROM:<>",
                          "RCPT TO:<joe@example.com>", "RCPT TO:<qwertzuiop@example.com>", "QUIT"));
}

TEST(Call, KeepsTheDialogue) {
  Loop loop;
  const ScriptedPeer peer(loop, {{"RCPT", Say("550-5.1.1 no\x1b[2J\r\n550 5.1.1 such user\r\n")}});
  const CallOutcome got = RunningCall(loop, OneHost(), OptionsFor(peer.port())).Wait();
  const std::string host = "mx.example.com 127.0.0.1:" + std::to_string(peer.port());
  EXPECT_THAT(
      Texts(got.dialogue),
      ElementsAre("-- connects to " + host, "<- 220 peer.test ESMTP", "-> EHLO caller.example.org",
                  "<- 250-peer.test", "<- 250-SIZE 1000", "<- 250 PIPELINING", "-> MAIL FROM:<>",
                  "<- 250 2.1.0 ok", "-> RCPT TO:<joe@example.com>", "<- 550-5.1.1 no\x1b[2J",
                  "<- 550 5.1.1 such user", "-> QUIT", "-- closes the connection"));
  const Evidence& decisive = got.evidence.back();
  EXPECT_EQ(decisive.owner, host);
  EXPECT_EQ(decisive.type + " " + decisive.outcome, "SMTP 550");
  EXPECT_EQ(decisive.text, "RCPT TO: 550 5.1.1 such user");
}

TEST(Call, CutsLongLinesInTheDialogueAndTheEvidence) {
  Loop loop;
  const ScriptedPeer peer(loop, {{"RCPT", Say("550 " + std::string(1996, '\x80') + "\r\n")}});
  const CallOutcome got = RunningCall(loop, OneHost(), OptionsFor(peer.port())).Wait();
  EXPECT_EQ(Text(got), "fail/refused-rcpt");
  EXPECT_THAT(Texts(got.dialogue), Contains("<- 550 " + std::string(508, '\x80')));
  EXPECT_LT(got.evidence.back().text.size(), 4U * 512U);
  EXPECT_EQ(got.evidence.back().text.find('\x80'), std::string::npos);
}

TEST(Call, WaitsForNothingOnItsWay) {
  Loop loop;
  const ScriptedPeer peer(loop);
  RunningCall call(loop, OneHost(), OptionsFor(peer.port()));
  EXPECT_EQ(Text(call.Wait()), "pass/accepted");
  EXPECT_LT(call.took(), std::chrono::milliseconds(50));
}

// Exim has 200 ms for it.
TEST(Call, DoesNotWaitForTheReplyToQuit) {
  Loop loop;
  const ScriptedPeer peer(loop, {{"QUIT", Silence()}});
  RunningCall call(loop, OneHost(), OptionsFor(peer.port()));
  EXPECT_EQ(Text(call.Wait()), "pass/accepted");
  EXPECT_LT(call.took(), std::chrono::milliseconds(50));
  loop.RunUntil([&peer] { return peer.left() == 1; });
  EXPECT_EQ(peer.lines().back(), "QUIT");
}

// After one turn of the loop, after two, and so on until its end.
TEST(Call, ClosesEverythingWhenItIsGivenUp) {
  const std::size_t descriptors = OpenDescriptors();
  bool ended = false;
  int turns = 0;
  while (!ended) {
    ASSERT_LT(++turns, 1000);
    {
      Loop loop;
      const ScriptedPeer peer(loop, {{"EHLO", Drip("250 peer.test\r\n")}});
      CallOptions options = OptionsFor(peer.port());
      options.noop = true;
      const RunningCall call(loop, OneHost(), options);
      for (int i = 0; i < turns; ++i) loop.Turn(loop.Now() + std::chrono::milliseconds(5));
      ended = call.done();
    }
    EXPECT_EQ(OpenDescriptors(), descriptors) << "given up after " << turns << " turns";
  }
  EXPECT_GT(turns, 10);
}

TEST(Call, GivenUpCallIsSeenByTheServer) {
  Loop loop;
  const ScriptedPeer peer(loop, {{"MAIL", Silence()}});
  {
    const RunningCall call(loop, OneHost(), OptionsFor(peer.port()));
    loop.RunUntil([&peer] { return peer.lines().size() == 2; });
    EXPECT_EQ(peer.left(), 0U);
  }
  loop.RunUntil([&peer] { return peer.left() == 1; });
  EXPECT_THAT(peer.lines(), ElementsAre("EHLO caller.example.org", "MAIL FROM:<>"));
}

}  // namespace
}  // namespace helovet
