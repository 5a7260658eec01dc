// Where the command's words go.
#ifndef HELOVET_CORE_CLI_OUTPUT_H_
#define HELOVET_CORE_CLI_OUTPUT_H_

#include <string>
#include <string_view>
#include <vector>

#include "helovet/file_error.h"

namespace helovet::cli {

inline constexpr int kExitDone = 0;    // The answer is on standard output, whatever it is.
inline constexpr int kExitOutput = 1;  // Standard output takes no more.
inline constexpr int kExitUsage = 2;   // Wrong arguments, configuration, lists or zone files.

// Prepares standard output and error: a closed pipe, or a file as large as files may be, becomes an
// error of writing instead of a signal, and a stream that was closed from the start cannot become a
// socket.
void PrepareStreams();

// Writes `text` to standard output; the exit code that comes of it.
[[nodiscard]] int Print(std::string_view text);

// Writes "helovet: LINE" to standard error for each line of `message`; kExitUsage. The lines are
// printable already.
[[nodiscard]] int Refuse(std::string_view message);
// Writes `text`, which is ended by "\n", to standard error as it is; kExitUsage.
[[nodiscard]] int RefuseWith(std::string_view text);

// A line for each of `complaints`, for Refuse.
[[nodiscard]] std::string LinesOf(const std::vector<FileError>& complaints);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_OUTPUT_H_
