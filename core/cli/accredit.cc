// helovet accredit: an accreditor's zone, made of a list or compared with it (DNA-02 §4, §6).
#include "helovet/accreditation.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command.h"
#include "dns_options.h"
#include "helovet/loop.h"
#include "helovet/render.h"
#include "output.h"
#include "terminal.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

constexpr int kExitDifferent = 3;   // The server has something else.
constexpr int kExitIncomplete = 4;  // Nothing is known to differ, and not everything is known.
// In the text for people; the JSON has all. Ours.
constexpr std::size_t kMaxShownDifferences = 50;

struct AccreditOptions {
  std::string list;
  std::optional<std::string> default_rating;
  AccreditationZoneText zone;
  std::string output = "-";
  std::string serial = "date";
  bool verify = false;
  DnsOptions dns;  // Without its option --zone, which is something else here.
  std::optional<std::size_t> sample;
  bool json = false;

  void AddTo(CLI::App& command);

 private:
  void AddMaking(CLI::App& command);
  void AddVerifying(CLI::App& command);
};

void AccreditOptions::AddTo(CLI::App& command) {
  command.add_option("--list", list, "Lines \"DOMAIN RATING [INFO]\"")
      ->required()
      ->type_name("FILE");
  command.add_option("--zone", zone.name, "The zone's name, the accreditor's own")
      ->required()
      ->type_name("NAME");
  command.add_option("--default-rating", default_rating, "Of lines that have a domain alone")
      ->type_name("RATING");
  command.add_option("--contact", zone.contact, "Where people can ask about reports")
      ->type_name("HOST:PORT");
  // One value a time, so that nothing that follows is taken for a second one.
  command
      .add_option("--address", zone.addresses,
                  "An address of a name within the zone (may be repeated)")
      ->type_name("NAME=ADDRESS")
      ->allow_extra_args(false);
  AddMaking(command);
  AddVerifying(command);
}

void AccreditOptions::AddMaking(CLI::App& command) {
  command.add_option("--output", output, "The zone's file; \"-\", the default: standard output")
      ->type_name("FILE");
  command
      .add_option("--ns", zone.servers,
                  "A name server of the zone, the primary one first (may be repeated)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--mailbox", zone.mailbox, "Of the zone's administrator")
      ->type_name("ADDRESS");
  command.add_option("--ttl", zone.ttl, "How long answers are remembered; 1h by default")
      ->type_name("PERIOD");
  command
      .add_option("--serial", serial,
                  "A number, or \"date\", the default: of today, above that of --output")
      ->type_name("SERIAL");
}

void AccreditOptions::AddVerifying(CLI::App& command) {
  CLI::Option* const verifying =
      command.add_flag("--verify", verify, "Compare what is served with the list");
  dns.config.AddTo(command);
  command.add_option("--dns", dns.dns, "Ask this DNS server")
      ->type_name("ADDRESS[:PORT]")
      ->needs(verifying);
  command.add_option("--zone-file", dns.zone_files, "Take the answers from this master file")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->excludes("--dns")
      ->needs(verifying);
  command.add_option("--sample", sample, "Ask about so many domains only, drawn by chance")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber)
      ->needs(verifying);
  command.add_flag("--json", json, "Write one JSON object")->needs(verifying);
}

// Progress whose total is known when it begins.
class LateProgress {
 public:
  explicit LateProgress(std::string_view what) : what_(what) {}

  [[nodiscard]] TaskProgress Callback() {
    return [this](std::uint64_t done, std::uint64_t total) {
      if (!progress_) progress_.emplace(what_, total);
      progress_->Show(done);
    };
  }

 private:
  std::string_view what_;
  std::optional<Progress> progress_;
};

std::string Explain(const ZoneMistake& mistake) {
  const std::string& value = mistake.value;
  switch (mistake.kind) {
    case ZoneMistakeKind::kName:
      return NotA("--zone", value, "a domain name that _vouch._smtp. fits before").value();
    case ZoneMistakeKind::kServer:
      return NotA("--ns", value, "a domain name").value();
    case ZoneMistakeKind::kMailbox:
      return NotA("--mailbox", value, "a mailbox such as hostmaster@example.com").value();
    case ZoneMistakeKind::kContact:
      return NotA("--contact", value, "HOST:PORT").value();
    case ZoneMistakeKind::kAddress:
      return NotA("--address", value, "NAME=ADDRESS").value();
    case ZoneMistakeKind::kForeignAddress:
      return NotA("--address", value, "of a name within the zone").value();
    case ZoneMistakeKind::kNoAddress:
      return "\"" + EscapeForLog(value) + "\" is in the zone and needs an --address";
    case ZoneMistakeKind::kTtl:
      break;
  }
  return NotA("--ttl", value, "a period such as \"3600\" or \"1h\"").value();
}

tl::expected<AccreditationZone, std::string> ZoneOf(const AccreditOptions& options) {
  if (!options.verify && options.zone.servers.empty()) {
    return tl::make_unexpected(std::string("--ns: a zone needs a name server"));
  }
  return ParseAccreditationZone(options.zone).map_error(&Explain);
}

tl::expected<AccreditationList, std::string> ListOf(const AccreditOptions& options,
                                                    const AccreditationZone& zone) {
  std::optional<Rating> default_rating;
  if (options.default_rating) {
    default_rating = ParseRating(*options.default_rating);
    if (!default_rating) {
      return NotA("--default-rating", *options.default_rating, "a rating from A to E");
    }
  }
  LateProgress progress("Reading");
  auto list = AccreditationList::Read(options.list, zone.name, default_rating, progress.Callback());
  if (list) return *std::move(list);
  std::string mistakes;
  for (const FileError& error : list.error()) mistakes += error.ToString() + '\n';
  return tl::make_unexpected(std::move(mistakes));
}

tl::expected<std::uint32_t, std::string> SerialOf(const AccreditOptions& options) {
  if (options.serial == "date") {
    return SerialOfDate(std::chrono::system_clock::now(),
                        options.output == "-" ? std::nullopt : SerialOfZoneFile(options.output));
  }
  std::uint32_t serial = 0;
  const char* const end = options.serial.data() + options.serial.size();
  const auto read = std::from_chars(options.serial.data(), end, serial);
  if (read.ec == std::errc() && read.ptr == end) return serial;
  return NotA("--serial", options.serial, "a number below 4294967296 or \"date\"");
}

// "1 name", "2 names"
std::string Counted(std::size_t count, const std::string& one, const std::string& more) {
  return std::to_string(count) + ' ' + (count == 1 ? one : more);
}

// No bar between the lines of a zone that a terminal shows.
int PrintZone(const AccreditationList& list, const AccreditationZone& zone, std::uint32_t serial) {
  int status = kExitDone;
  const TextSink print = [&status](std::string_view piece) {
    status = Print(piece);
    return status == kExitDone;
  };
  return WriteAccreditationZone(list, zone, serial, print) ? kExitDone : status;
}

int Make(const AccreditOptions& options, const AccreditationList& list,
         const AccreditationZone& zone) {
  const tl::expected<std::uint32_t, std::string> serial = SerialOf(options);
  if (!serial) return Refuse(serial.error());
  if (options.output == "-") return PrintZone(list, zone, *serial);
  const FileErrorOr<void> saved = [&] {
    LateProgress progress("Writing");
    return SaveAccreditationZone(options.output, list, zone, *serial, progress.Callback());
  }();
  if (!saved) {
    static_cast<void>(Refuse(saved.error().ToString()));
    return kExitOutput;
  }
  return Print(zone.name + ": " + Counted(list.size(), "name", "names") + ", serial " +
               std::to_string(*serial) + '\n');
}

Colour ColourOf(AccreditationFinding finding) {
  return finding == AccreditationFinding::kUnknown ? Colour::kDoubtful : Colour::kBad;
}

std::string Shown(const AccreditationDifference& difference) {
  std::string line = Coloured(ToString(difference.finding), ColourOf(difference.finding)) + "  " +
                     EscapeForLog(difference.owner);
  const auto add = [&line](const char* what, const std::string& value) {
    if (!value.empty()) line += std::string("  ") + what + " \"" + EscapeForLog(value) + '"';
  };
  add("wanted", difference.wanted);
  add(difference.finding == AccreditationFinding::kUnknown ? "because of" : "found",
      difference.found);
  return line + '\n';
}

std::string Text(const AccreditationComparison& comparison) {
  std::string text;
  const std::size_t shown = std::min(comparison.differences.size(), kMaxShownDifferences);
  for (std::size_t i = 0; i < shown; ++i) text += Shown(comparison.differences[i]);
  if (shown < comparison.differences.size()) {
    text += "and " + std::to_string(comparison.differences.size() - shown) + " more\n";
  }
  if (comparison.gave_up) text += "Gave up: too many questions in a row had no answer\n";
  return text + comparison.zone + ": asked about " + std::to_string(comparison.asked) + " of " +
         Counted(comparison.domains, "domain", "domains") + ": " +
         std::to_string(comparison.equal) + " equal, " + std::to_string(comparison.missing) +
         " missing, " + std::to_string(comparison.different) + " different, " +
         std::to_string(comparison.unknown) + " unknown\n";
}

int Verify(const AccreditOptions& options, const AccreditationList& list,
           const AccreditationZone& zone) {
  const auto config = ConfigOf(options.dns);
  if (!config) return Refuse(config.error());
  Loop loop;
  FileErrorOr<AccreditationComparison> comparison = [&] {
    LateProgress progress("Asking");
    return VerifyAccreditation(loop, **config, list, zone,
                               {.sample = options.sample, .zone_files = options.dns.zone_files},
                               progress.Callback());
  }();
  if (!comparison) return Refuse(comparison.error().ToString());
  const int printed =
      Print(options.json ? RenderAccreditationJson(*comparison) + '\n' : Text(*comparison));
  if (printed != kExitDone) return printed;
  if (comparison->differs()) return kExitDifferent;
  return comparison->incomplete() ? kExitIncomplete : kExitDone;
}

int Run(const AccreditOptions& options) {
  const tl::expected<AccreditationZone, std::string> zone = ZoneOf(options);
  if (!zone) return Refuse(zone.error());
  const tl::expected<AccreditationList, std::string> list = ListOf(options, *zone);
  if (!list) return Refuse(list.error());
  if (list->repeated() > 0) {
    // A warning, whatever becomes of the rest.
    static_cast<void>(Refuse(EscapeForLog(options.list) + ": " +
                             Counted(list->repeated(), "line repeats", "lines repeat") +
                             " what another one says"));
  }
  return options.verify ? Verify(options, *list, *zone) : Make(options, *list, *zone);
}

}  // namespace

Command MakeAccreditCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("accredit", "Make an accreditor's zone of a list, or verify it");
  const auto options = std::make_shared<AccreditOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
