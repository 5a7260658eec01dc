#include "session_options.h"

#include <utility>
#include <vector>

#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/session.h"
#include "mail_path.h"
#include "output.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

tl::expected<Session, std::string> SessionOf(const SessionOptions& options) {
  const std::optional<IpAddress> client = IpAddress::Parse(options.ip);
  if (!client) return NotA("--ip", options.ip, "an IPv4 or IPv6 address");
  Session session{.client = *client, .helo = options.helo};
  session.authenticated = options.authenticated;
  session.smtputf8 = options.smtputf8;
  if (options.mail_from) {
    session.mail_from = ParsePath(*options.mail_from);
    if (!session.mail_from) return NotA("--mail-from", *options.mail_from, "a mail address");
  }
  return session;
}

// The recipient without its brackets; empty: none was given.
tl::expected<std::string, std::string> RecipientOf(const SessionOptions& options) {
  if (!options.rcpt) return std::string();
  std::optional<std::string> path = ParseForwardPath(*options.rcpt);
  if (!path) return NotA("--rcpt", *options.rcpt, "a mail address");
  return *std::move(path);
}

// A callback included, where the configuration has one.
Verdict ForRecipientAndWait(Loop& loop, Engine& engine, const Verdict& verdict,
                            std::string recipient) {
  bool done = false;
  const std::unique_ptr<Validation> validation = engine.ValidateRecipient(
      verdict, std::move(recipient), [&done](const Verdict&) { done = true; });
  loop.RunUntil([&done] { return done; });
  return *validation->verdict();
}

struct Judged {
  std::shared_ptr<const Config> config;
  Verdict verdict;
};

tl::expected<Judged, std::string> Judge(const SessionOptions& options) {
  tl::expected<Session, std::string> session = SessionOf(options);
  if (!session) return tl::make_unexpected(std::move(session.error()));
  tl::expected<std::string, std::string> recipient = RecipientOf(options);
  if (!recipient) return tl::make_unexpected(std::move(recipient.error()));
  const auto config = ConfigOf(options.dns, options.server_name);
  if (!config) return tl::make_unexpected(config.error());

  Loop loop;
  const auto engine = EngineOf(options.dns, loop, *config);
  if (!engine) return tl::make_unexpected(engine.error());
  Verdict verdict = (*engine)->ValidateAndWait(*std::move(session));
  if (!recipient->empty()) {
    verdict = ForRecipientAndWait(loop, **engine, verdict, *std::move(recipient));
  }
  if (const std::vector<FileError> complaints = (*engine)->TakeComplaints(); !complaints.empty()) {
    return tl::make_unexpected(LinesOf(complaints));
  }
  return Judged{*config, std::move(verdict)};
}

}  // namespace

void SessionOptions::AddTo(CLI::App& command) {
  command.add_option("--ip", ip, "The client's address")->required()->type_name("IP");
  command.add_option("--helo", helo, "What it says in HELO or EHLO; may be empty")
      ->required()
      ->type_name("NAME");
  command.add_option("--mail-from", mail_from, "The sender; <> or empty for the null sender")
      ->type_name("ADDRESS");
  command.add_option("--rcpt", rcpt, "A recipient")->type_name("ADDRESS");
  command.add_flag("--smtputf8", smtputf8, "The server has announced SMTPUTF8");
  command.add_flag("--authenticated", authenticated, "The client has logged in");
  command.add_option("--server-name", server_name, "What the mail server calls itself")
      ->type_name("NAME");
  dns.AddTo(command);
  command.add_flag("--json", json, "Write one JSON object");
}

int JudgeAndPrint(const SessionOptions& options, const RenderVerdict& render) {
  const tl::expected<Judged, std::string> judged = Judge(options);
  if (!judged) return Refuse(judged.error());
  return Print(render(judged->verdict, *judged->config));
}

}  // namespace helovet::cli
