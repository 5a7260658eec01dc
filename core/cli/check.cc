// helovet check: the verdict for a session, in a few lines.
#include <memory>
#include <string>
#include <string_view>

#include "command.h"
#include "helovet/render.h"
#include "output.h"
#include "session_options.h"

namespace helovet::cli {
namespace {

constexpr std::size_t kCheckColumns = 13;
constexpr std::size_t kResultColumns = 11;

std::string Padded(std::string_view text, std::size_t columns) {
  std::string padded(text);
  padded.append(text.size() < columns ? columns - text.size() : 1, ' ');
  return padded;
}

std::string VerdictLine(const Verdict& verdict) {
  const std::string helo = verdict.session.helo.empty() ? "no name" : verdict.session.helo;
  return verdict.session.client.ToString() + ", HELO " + EscapeForLog(helo) + ": " +
         std::string(ToString(verdict.action)) + ", trust " + std::string(ToString(verdict.trust)) +
         ", decided by " + std::string(ToString(verdict.decided_by.check)) + "\n";
}

std::string CheckLine(const CheckResult& check) {
  return "  " + Padded(ToString(check.check), kCheckColumns) +
         Padded(ToString(check.result), kResultColumns) + std::string(ToString(check.reason)) +
         "\n";
}

std::string VerdictText(const Judged& judged) {
  const Verdict& verdict = judged.verdict;
  std::string text = VerdictLine(verdict);
  for (const CheckResult& check : verdict.checks) text += CheckLine(check);
  text += "Because: " + std::string(Meaning(verdict.decided_by.reason)) + "\n";
  const std::string reply = RenderReply(verdict, *judged.config);
  if (!reply.empty()) text += "Reply: " + reply + "\n";
  for (const std::string& line : RenderHeader(verdict, *judged.config)) text += line + "\n";
  return text;
}

int Run(const SessionOptions& options) {
  const tl::expected<Judged, std::string> judged = Judge(options);
  if (!judged) return Refuse(judged.error());
  if (options.json) return Print(RenderJson(judged->verdict, *judged->config) + "\n");
  return Print(VerdictText(*judged));
}

}  // namespace

Command MakeCheckCommand(CLI::App& program) {
  CLI::App* const app = program.add_subcommand("check", "Judge a session");
  const auto options = std::make_shared<SessionOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
