#include "batch_summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "helovet/render.h"
#include "terminal.h"

namespace helovet::cli {
namespace {

constexpr std::size_t kCountColumns = 10;
constexpr std::size_t kPercentColumns = 8;
constexpr std::size_t kActionColumns = 8;
constexpr std::size_t kCheckColumns = 15;
constexpr std::size_t kTokenColumns = 24;
constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kTopTexts = 10;
constexpr std::size_t kMaxNameOctets = 60;

std::string Right(std::string_view text, std::size_t columns) {
  return std::string(text.size() < columns ? columns - text.size() : 0, ' ') + std::string(text);
}

double Share(std::uint64_t count, std::uint64_t total) {
  return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
}

// "14.3%". What is there is never 0.0%, and what is not all never 100.0%.
std::string Percent(std::uint64_t count, std::uint64_t total) {
  auto tenths = static_cast<std::uint64_t>(std::llround(Share(count, total) * 1000));
  if (count != 0) tenths = std::max<std::uint64_t>(tenths, 1);
  if (count != total) tenths = std::min<std::uint64_t>(tenths, 999);
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + '%';
}

std::string CountAndPercent(std::uint64_t count, std::uint64_t total) {
  return Right(std::to_string(count), kCountColumns) +
         Right(Percent(count, total), kPercentColumns);
}

std::string CountLine(std::uint64_t count, std::uint64_t total) {
  return CountAndPercent(count, total) + "  " +
         Coloured(Bar(Share(count, total), kBarColumns), Colour::kFaint) + '\n';
}

std::string InColour(const std::string& text, std::optional<Colour> colour) {
  return colour ? Coloured(text, *colour) : text;
}

std::optional<Colour> ColourOf(Action action) {
  switch (action) {
    case Action::kAccept:
      return Colour::kGood;
    case Action::kDefer:
      return Colour::kDoubtful;
    case Action::kReject:
      return Colour::kBad;
    case Action::kTag:
      break;
  }
  return std::nullopt;
}

std::optional<Colour> ColourOf(Trust trust) {
  if (trust == Trust::kUnknown) return std::nullopt;
  return trust == Trust::kHigh ? Colour::kGood : Colour::kBad;
}

std::optional<Colour> ColourOf(Result result) {
  if (result == Result::kPass) return Colour::kGood;
  if (result == Result::kFail) return Colour::kBad;
  if (result == Result::kTemperror || result == Result::kPermerror) return Colour::kDoubtful;
  return std::nullopt;
}

std::string Sessions(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " session" : " sessions");
}

std::string Lines(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " line" : " lines");
}

std::string HeadingText(std::string_view heading, const LineCounts& counts, const Tally& tally) {
  std::string text(heading);
  text += ": " + Lines(counts.lines) + ", " + Sessions(counts.sessions) + '\n';
  text += "  " + std::to_string(tally.distinct) + " differ";
  if (tally.sessions != counts.sessions) text += ", " + Sessions(tally.sessions) + " judged";
  text += '\n';
  const auto note = [&text](std::uint64_t count, const std::string& what) {
    if (count != 0) text += "  " + what + '\n';
  };
  note(counts.malformed, Lines(counts.malformed) + " malformed");
  note(counts.incomplete,
       Sessions(counts.incomplete) + " without a HELO name in the log, not judged");
  note(tally.exempt, Sessions(tally.exempt) + " exempt");
  note(tally.undetermined, Sessions(tally.undetermined) + " with a check that failed for now");
  return text;
}

std::string ActionsText(const Tally& tally) {
  constexpr std::size_t kColumns = kCountColumns + kPercentColumns;
  std::string text = "\n" + Padded("Action", kActionColumns + 2);
  for (const Tally::Column& column : tally.columns) {
    const bool in_force = column.profile == tally.profile;
    text += Right(std::string(ToString(column.profile)) + (in_force ? "*" : ""), kColumns);
  }
  text += '\n';
  for (const Action action : {Action::kAccept, Action::kTag, Action::kDefer, Action::kReject}) {
    text += "  " + InColour(Padded(ToString(action), kActionColumns), ColourOf(action));
    for (const Tally::Column& column : tally.columns) {
      text += CountAndPercent(column.actions[static_cast<std::size_t>(action)], tally.sessions);
    }
    text += '\n';
  }
  return text;
}

std::string TrustText(const Tally& tally) {
  std::string text = "\nTrust\n";
  for (const Trust trust : {Trust::kHigh, Trust::kUnknown, Trust::kLow}) {
    text += "  " +
            InColour(Padded(ToString(trust), kCheckColumns + kTokenColumns), ColourOf(trust)) +
            CountLine(tally.trust[static_cast<std::size_t>(trust)], tally.sessions);
  }
  return text;
}

std::string ResultsText(const Tally& tally) {
  std::string text = "\nResults\n";
  std::optional<CheckId> previous;
  for (const auto& [key, count] : tally.results) {
    const auto& [check, result] = key;
    text += "  " + Padded(previous == check ? "" : ToString(check), kCheckColumns) +
            InColour(Padded(ToString(result), kTokenColumns), ColourOf(result)) +
            CountLine(count, tally.sessions);
    previous = check;
  }
  return text;
}

std::string DecidersText(const Tally& tally) {
  std::vector<std::pair<std::pair<CheckId, Reason>, std::uint64_t>> all(tally.deciders.begin(),
                                                                        tally.deciders.end());
  std::ranges::stable_sort(all, std::ranges::greater(),
                           [](const auto& decider) { return decider.second; });
  if (all.size() > kTopTexts) all.resize(kTopTexts);
  std::string text = "\nDecided by\n";
  for (const auto& [decision, count] : all) {
    text += "  " + Padded(ToString(decision.first), kCheckColumns) +
            Padded(ToString(decision.second), kTokenColumns) + CountLine(count, tally.sessions);
  }
  return text;
}

std::string NameText(const std::string& name) {
  if (name.empty()) return "(no name)";
  std::string text = EscapeForLog(name.substr(0, kMaxNameOctets));
  if (name.size() > kMaxNameOctets) text += "...";
  return text;
}

std::string RefusedText(const Frequencies& frequencies, const std::string& what) {
  std::string text;
  for (const auto& [name, count] : frequencies.Most(kTopTexts)) {
    text += Right(std::to_string(count), kCountColumns) + "  " + NameText(name) + '\n';
  }
  return text.empty() ? "" : "\n" + what + '\n' + text;
}

}  // namespace

std::string RenderSummary(std::string_view heading, const LineCounts& counts, const Tally& tally) {
  std::string text = HeadingText(heading, counts, tally);
  if (tally.sessions == 0) return text;
  const std::string refused =
      "that " + std::string(ToString(tally.refusing)) + " refuses most often";
  return text + ActionsText(tally) + TrustText(tally) + ResultsText(tally) + DecidersText(tally) +
         RefusedText(tally.names, "Names " + refused) +
         RefusedText(tally.addresses, "Addresses " + refused);
}

}  // namespace helovet::cli
