// Servers that do not speak SMTP, or do so without end (docs/rules.md §12.3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/smtp/run_call.h"
#include "core/smtp/scripted_peer.h"

namespace helovet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Flood;
using testing::OneHost;
using testing::OpenDescriptors;
using testing::OptionsFor;
using testing::RunningCall;
using testing::Say;
using testing::ScriptedPeer;
using testing::Text;
using testing::Texts;

constexpr std::size_t kTenMebibytes = std::size_t{10} * 1024 * 1024;

struct BadReplyCase {
  std::string id = {};
  std::string step = {};
  testing::Act act = {};
  std::string wanted_note = {};
};
void PrintTo(const BadReplyCase& each, std::ostream* out) { *out << each.id; }

class BadReply : public ::testing::TestWithParam<BadReplyCase> {};

TEST_P(BadReply, EndsTheConnectionAtOnce) {
  const BadReplyCase& wanted = GetParam();
  const std::size_t descriptors = OpenDescriptors();
  {
    Loop loop;
    const ScriptedPeer peer(loop, {{wanted.step, wanted.act}});
    RunningCall call(loop, OneHost(), OptionsFor(peer.port()));
    const CallOutcome got = call.Wait();
    EXPECT_EQ(Text(got), "temperror/bad-reply");
    EXPECT_THAT(Texts(got.dialogue), Contains("-- bad reply: " + wanted.wanted_note));
    EXPECT_LT(call.took(), std::chrono::milliseconds(500));
    loop.RunUntil([&peer] { return peer.left() == 1; });
    for (const std::string& line : peer.lines()) EXPECT_NE(line, "QUIT");
  }
  EXPECT_EQ(OpenDescriptors(), descriptors);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadReply,
    ::testing::ValuesIn(std::vector<BadReplyCase>{
        {"Banner", "greeting", Flood("220-" + std::string(100, 'x') + "\r\n", kTenMebibytes),
         "more lines than a reply may have"},
        {"LongBanner", "greeting", Flood("220-" + std::string(1900, 'x') + "\r\n", kTenMebibytes),
         "more octets than a reply may have"},
        {"EndlessLine", "greeting", Flood("x", kTenMebibytes), "a line of too many octets"},
        {"EndlessReplies", "RCPT", Flood("250 ok\r\n", kTenMebibytes), "text behind a reply"},
        {"OtherProtocol", "greeting", Say("SSH-2.0-OpenSSH_9.2\r\n"), "a line without a code"},
        {"EmptyLine", "EHLO", Say("\r\n"), "a line without a code"},
        {"Nul", "EHLO", Say(std::string(200, '\0') + "\r\n"), "a line without a code"},
        {"BareLf", "EHLO", Say("250 ok\n"), "LF without CR"},
        {"BareCr", "EHLO", Say("250 o\rk\r\n"), "CR without LF"},
        {"TwoCodes", "RCPT", Say("250-ok\r\n550 no\r\n"), "two codes in one reply"},
        {"LongCode", "RCPT", Say("5500 no\r\n"), "a code that goes on"},
        {"Preliminary", "RCPT", Say("150 wait\r\n"), "a line without a code"},
        {"CodeBeyondAll", "RCPT", Say("650 what\r\n"), "a line without a code"},
        {"EarlyReply", "greeting", Say("220 hello\r\n250 peer.test\r\n"), "text behind a reply"},
        {"AllRepliesAtOnce", "greeting",
         Say("220 hello\r\n250 peer.test\r\n250 ok\r\n550 no such user\r\n"),
         "text behind a reply"},
        {"TwoAnswers", "RCPT", Say("250 ok\r\n550 no such user\r\n"), "text behind a reply"},
    }),
    [](const ::testing::TestParamInfo<BadReplyCase>& each) { return each.param.id; });

// RFC 5321 §4.2.1: 3yz wants what none of our commands has.
TEST(BadReply, IntermediateReplyIsOne) {
  Loop loop;
  const ScriptedPeer peer(loop, {{"RCPT", Say("354 go on\r\n")}});
  EXPECT_EQ(Text(RunningCall(loop, OneHost(), OptionsFor(peer.port())).Wait()),
            "temperror/bad-reply");
}

// docs/rules.md §12.3: no octet of the sender becomes a command, a parameter or a second path.
TEST(Injection, NothingIsAskedForAMailboxThatDoesNotFitACommand) {
  const std::vector<std::string> mailboxes = {
      "joe\r\nDATA@example.com",
      "joe\n@example.com",
      "joe\r@example.com",
      std::string("joe\0@example.com", 16),
      "joe>@example.com",
      "joe> SIZE=1@example.com",
      "<joe@example.com",
      "joe doe@example.com",
      "\"joe\r\nQUIT\r\n\"@example.com",
      "\"joe\" x@example.com",
      "\"joe@example.com",
      "\"joe\\\"@example.com",
      "jo\xc3\xab@example.com",
      "\"jo\xc3\xab\"@example.com",
      "joe\x7f@example.com",
      "\tjoe@example.com",
      "@example.com",
      "joe",
      "",
      std::string(255, 'j') + "@example.com",
  };
  for (const std::string& mailbox : mailboxes) {
    SCOPED_TRACE(::testing::PrintToString(mailbox));
    Loop loop;
    const ScriptedPeer peer(loop);
    RunningCall call(loop, OneHost(), OptionsFor(peer.port()), testing::kLongDeadline, mailbox);
    EXPECT_EQ(Text(call.Wait()), "neutral/not-callable");
    EXPECT_THAT(call.dns().asked(), ElementsAre());
    EXPECT_EQ(peer.connections(), 0U);
  }
}

TEST(Injection, OddMailboxesGoAsTheyAre) {
  // What was sent, and what is asked for.
  const std::vector<std::pair<std::string, std::string>> mailboxes = {
      {"Joe.Doe+tag@EXAMPLE.com", "RCPT TO:<Joe.Doe+tag@example.com>"},
      {"joe..doe.@example.com", "RCPT TO:<joe..doe.@example.com>"},
      {"\"joe doe>@\\\"x\"@example.com.", "RCPT TO:<\"joe doe>@\\\"x\"@example.com>"},
      {"!#$%&'*+-/=?^_`{|}~@example.com", "RCPT TO:<!#$%&'*+-/=?^_`{|}~@example.com>"},
  };
  for (const auto& [mailbox, wanted] : mailboxes) {
    SCOPED_TRACE(mailbox);
    Loop loop;
    const ScriptedPeer peer(loop);
    RunningCall(loop, OneHost(), OptionsFor(peer.port()), testing::kLongDeadline, mailbox).Wait();
    EXPECT_THAT(peer.lines(), Contains(wanted));
  }
}

TEST(Injection, OurOwnNameNeither) {
  for (const std::string name : {"x\r\nDATA", "", "two words", "[", "x>"}) {
    SCOPED_TRACE(::testing::PrintToString(name));
    Loop loop;
    const ScriptedPeer peer(loop);
    CallOptions options = OptionsFor(peer.port());
    options.helo_name = name;
    options.catch_all = true;
    options.random_local_part = "x\r\nDATA";
    EXPECT_EQ(Text(RunningCall(loop, OneHost(), options).Wait()), "pass/accepted");
    testing::WaitForQuit(loop, peer);
    EXPECT_THAT(peer.lines(), ElementsAre("EHLO [127.0.0.1]", "MAIL FROM:<>",
                                          "RCPT TO:<joe@example.com>", "QUIT"));
  }
}

}  // namespace
}  // namespace helovet
