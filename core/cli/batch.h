// Many sessions at once, as logs have them.
#ifndef HELOVET_CORE_CLI_BATCH_H_
#define HELOVET_CORE_CLI_BATCH_H_

#include <optional>
#include <string>

#include "session_options.h"

namespace helovet::cli {

// As they were given; RunBatch() tells what is wrong with them.
struct BatchOptions {
  std::optional<std::string> file;     // None: a single session is judged; "-": standard input.
  std::string format = "auto";         // Or a LogFormat's token.
  std::optional<std::string> profile;  // A Profile's token; none: that of the settings.

  // Defines the options on `command`, which has those of a single session already: the two kinds
  // exclude each other. This must outlive its parsing.
  void AddTo(CLI::App& command);
};

// Judges every session of the log as if it were now, those that are alike once, and prints a JSON
// object a line with `session.json`, otherwise a summary. No callback is made and nothing is
// counted in the store. Of `session`, what is no option of a single session counts. The exit code:
// kExitUsage also when lines were malformed, which standard error names; the rest is judged.
[[nodiscard]] int RunBatch(const BatchOptions& batch, const SessionOptions& session);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_BATCH_H_
