// What mail servers say to a callback (RFC 5321 §4.2; docs/rules.md §12.3). The first octet chooses
// the options of the call; the rest is what the server says, "~" after each step of it: the
// greeting, and the reply to each command.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "helovet/callback.h"
#include "invented_dns.h"
#include "invented_peer.h"
#include "results.h"
#include "smtp/call.h"
#include "smtp/journal.h"
#include "smtp/reply.h"

namespace helovet::fuzz {
namespace {

constexpr std::string_view kSender = "joe@example.com";

// However the network cuts it, it is read alike, and within its limits.
void HoldReply(std::string_view octets) {
  ReplyReader whole;
  const std::size_t taken = whole.Read(octets);
  ReplyReader pieces;
  std::size_t taken_in_pieces = 0;
  for (const char& octet : octets) taken_in_pieces += pieces.Read({&octet, 1});
  Hold(taken == taken_in_pieces && whole.state() == pieces.state() &&
           whole.reply().code == pieces.reply().code &&
           whole.reply().lines == pieces.reply().lines && whole.fault() == pieces.fault(),
       "a reply is the same octet by octet");
  std::size_t kept = 0;
  for (const std::string& line : whole.reply().lines) {
    kept += line.size();
    Hold(line.size() <= kMaxReplyLineOctets + 1, "a line is bounded");
  }
  Hold(kept <= kMaxReplyOctets && whole.reply().lines.size() <= kMaxReplyLines,
       "a reply is bounded");
  if (whole.state() != ReplyReader::State::kComplete) return;
  Hold(whole.reply().code >= 200 && whole.reply().code <= 599, "a reply has a code of RFC 5321");
  Hold(octets.substr(0, taken).ends_with("\r\n"), "a reply ends with its line");
}

DnsReply ReplyTo(const DnsQuestion& question) {
  DnsReply reply;
  reply.outcome = DnsOutcome::kOk;
  DnsRecord record = {.owner = question.name, .type = question.type, .ttl = 300};
  if (question.type == DnsType::kMx) {
    MxData mx = {.preference = 10, .exchange = *DnsName::Parse("mx.example.com")};
    record.data = mx;
  } else if (question.type == DnsType::kA) {
    record.data = *IpAddress::Parse("192.0.2.1");
    reply.answers.push_back(record);
    record.data = *IpAddress::Parse("192.0.2.2");
  } else {
    return reply;
  }
  reply.answers.push_back(record);
  return reply;
}

CallOptions OptionsOf(std::uint8_t bits) {
  CallOptions options;
  options.helo_name = "caller.example.net";
  options.hosts = (bits & 1U) != 0 ? 2 : 1;
  options.noop = (bits & 2U) != 0;
  options.catch_all = (bits & 4U) != 0;
  options.random_local_part = "random-4711";
  options.allow_networks = {*IpNetwork::Parse("192.0.2.0/24")};
  return options;
}

// No command but these, one at a time, and never DATA.
void HoldCommands(const InventedPeer& peer) {
  static const std::vector<std::string> kCommands = {
      "NOOP",         "EHLO caller.example.net",   "HELO caller.example.net",
      "MAIL FROM:<>", "RCPT TO:<joe@example.com>", "RCPT TO:<random-4711@example.com>",
      "QUIT"};
  for (const InventedPeer::Command& each : peer.commands()) {
    Hold(std::ranges::count(kCommands, each.line) == 1, "a command is one of ours");
  }
  Hold(peer.connections() <= 2, "no more hosts are called than the settings allow");
}

// An acceptance is one: the server has said 2yz to the address itself.
void HoldAcceptance(const CallOutcome& outcome, const InventedPeer& peer, bool in_pieces) {
  if (outcome.reason != Reason::kAccepted && outcome.reason != Reason::kCatchAll) return;
  // What comes in pieces may answer the command behind.
  if (in_pieces) return;
  const bool accepted = std::ranges::any_of(peer.commands(), [&](const auto& each) {
    return each.line == "RCPT TO:<" + std::string(kSender) + ">" &&
           each.step < peer.steps().size() && peer.steps()[each.step].starts_with('2');
  });
  Hold(accepted, "who is accepted has been accepted by the server");
}

void HoldReport(const CallOutcome& outcome, const CheckResult& check) {
  for (const CallbackLine& line : outcome.dialogue) {
    Hold(line.text.size() <= kMaxJournalLineOctets, "a line of the dialogue is bounded");
  }
  const CallbackReport report = {.address = std::string(kSender),
                                 .check = check,
                                 .tally = outcome.tally,
                                 .dialogue = outcome.dialogue};
  for (const std::string& text : {RenderCallback(report), RenderCallbackJson(report)}) {
    Hold(std::ranges::none_of(
             text, [](char octet) { return octet != '\n' && octet >= 0 && octet < ' '; }),
         "no control character of a server is shown");
  }
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  const std::uint8_t bits = choices.Octet();
  std::vector<std::string> steps;
  while (!choices.empty()) steps.emplace_back(choices.TakeUpTo('~'));
  for (const std::string& step : steps) HoldReply(step);

  StandingClock clock(16);
  const Loop::TimePoint deadline = clock.now() + std::chrono::seconds(5);
  InventedPeer peer(clock.loop(), std::move(steps), bits >> 4U,
                    (bits & 8U) != 0 ? InventedPeer::End::kClose : InventedPeer::End::kSilence);
  InventedDns::Answers answers;
  InventedDns dns(clock.loop(), answers,
                  [](const DnsQuestion& question) { return std::optional(ReplyTo(question)); });
  SessionDns session_dns(clock.loop(), dns, deadline);
  const CallOptions options = OptionsOf(bits);
  const CallOutcome outcome = RunTask(clock, deadline,
                                      Call(clock.loop(), session_dns, std::string(kSender),
                                           *DnsName::Parse("example.com"), options, deadline));
  // QUIT is not waited for.
  for (int turn = 0; turn < 3; ++turn) clock.loop().Turn(clock.now());
  HoldCommands(peer);
  HoldAcceptance(outcome, peer, bits >> 4U != 0);
  CheckResult check = {.check = CheckId::kCbv, .result = outcome.result, .reason = outcome.reason};
  check.evidence = outcome.evidence;
  HoldReport(outcome, check);
  HoldResults({&check, 1});
}

}  // namespace helovet::fuzz
