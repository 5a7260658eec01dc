// What came of many sessions, counted.
#ifndef HELOVET_CORE_CLI_BATCH_TALLY_H_
#define HELOVET_CORE_CLI_BATCH_TALLY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet::cli {

// How often each of many texts occurs. Beyond kMaxTexts the rarest are forgotten, so that a text
// that comes seldom all the time can get less than its due.
class Frequencies {
 public:
  static constexpr std::size_t kMaxTexts = 100'000;

  void Add(const std::string& text, std::uint64_t count);
  // The most frequent, at most `limit`; those of equal frequency in the order of their octets.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> Most(std::size_t limit) const;

 private:
  void ForgetTheRarest();

  std::unordered_map<std::string, std::uint64_t> counts_;
};

// The sums over all sessions. Not thread-safe.
class Tally {
 public:
  // A profile, and how many sessions each Action (by its value) would have come to under it.
  struct Column {
    Profile profile;
    std::array<std::uint64_t, 4> actions{};
  };

  // `config`: that of the verdicts to come.
  explicit Tally(const std::shared_ptr<const Config>& config);

  // `count` sessions have got this verdict.
  void Add(const Verdict& verdict, std::uint64_t count);

  std::uint64_t sessions = 0;
  std::uint64_t distinct = 0;
  std::uint64_t exempt = 0;
  std::uint64_t undetermined = 0;        // Sessions in which a check failed for now.
  std::vector<Column> columns;           // observe, standard, strict; custom where it is in force.
  std::array<std::uint64_t, 3> trust{};  // By Trust's values.
  std::map<std::pair<CheckId, Result>, std::uint64_t> results;
  std::map<std::pair<CheckId, Reason>, std::uint64_t> deciders;
  Frequencies names;      // HELO names of sessions that `refusing` rejects or defers, as sent.
  Frequencies addresses;  // Their clients.
  Profile profile;        // In force.
  Profile refusing;       // That, or standard where it is observe, which refuses hardly anybody.

 private:
  [[nodiscard]] Action ActionUnder(Profile profile, const Verdict& verdict) const;

  std::shared_ptr<const Config> as_observe_;
};

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_BATCH_TALLY_H_
