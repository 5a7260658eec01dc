// What the results of checks hold to.
#ifndef HELOVET_TESTS_FUZZ_RESULTS_H_
#define HELOVET_TESTS_FUZZ_RESULTS_H_

#include <span>

#include "helovet/result.h"

namespace helovet::fuzz {

// Each is there once, in the order of CheckId, is one that docs/results.md lists, and keeps no more
// of others' words than it may.
void HoldResults(std::span<const CheckResult> checks);

}  // namespace helovet::fuzz

#endif  // HELOVET_TESTS_FUZZ_RESULTS_H_
