// A batch's outcome for people.
#ifndef HELOVET_CORE_CLI_BATCH_SUMMARY_H_
#define HELOVET_CORE_CLI_BATCH_SUMMARY_H_

#include <string>
#include <string_view>

#include "batch_input.h"
#include "batch_tally.h"

namespace helovet::cli {

// UTF-8 at most, lines ended by "\n"; what is remote is escaped. `heading`: what was read, in
// printable ASCII.
[[nodiscard]] std::string RenderSummary(std::string_view heading, const LineCounts& counts,
                                        const Tally& tally);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_BATCH_SUMMARY_H_
