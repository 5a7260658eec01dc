// The counters for other programs.
#include <initializer_list>

#include "helovet/statistics.h"
#include "nlohmann/json.hpp"
#include "statistics/places.h"

namespace helovet {
namespace {

std::uint64_t At(const CounterTotals& totals, std::size_t place) {
  return place < totals.values.size() ? totals.values[place] : 0;
}

struct Label {
  std::string_view name;
  std::string_view value;
};

// One metric after the other, each series with its month: a counter that never falls.
class Exposition {
 public:
  Exposition(const Month& month, const CounterTotals& totals)
      : month_(month.ToString()), totals_(totals) {}

  void Head(std::string_view name, std::string_view help) {
    name_ = "helovet_statistics_" + std::string(name) + "_total";
    out_ += "# HELP " + name_ + ' ' + std::string(help) + "\n# TYPE " + name_ + " counter\n";
  }
  // Values of labels are tokens of ours, in which nothing needs an escape.
  void Sample(std::size_t place, std::initializer_list<Label> labels = {}) {
    out_ += name_ + "{month=\"" + month_ + '"';
    for (const Label& label : labels) {
      out_ += ',' + std::string(label.name) + "=\"" + std::string(label.value) + '"';
    }
    out_ += "} " + std::to_string(At(totals_, place)) + '\n';
  }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  std::string month_;
  const CounterTotals& totals_;
  std::string name_;
  std::string out_;
};

void ExposeVerdicts(Exposition& out) {
  out.Head("verdicts", "Messages by the trust and the action of their verdicts.");
  for (std::size_t trust = 0; trust < places::kTrusts; ++trust) {
    for (std::size_t action = 0; action < places::kActions; ++action) {
      const auto t = static_cast<Trust>(trust);
      const auto a = static_cast<Action>(action);
      out.Sample(places::OfVerdict(t, a), {{"trust", ToString(t)}, {"action", ToString(a)}});
    }
  }
}

void ExposeCallbacks(Exposition& out) {
  out.Head("callbacks", "Callbacks that were considered.");
  out.Sample(places::kCallbacks);
  out.Head("callback_skips", "Callbacks that were not made, by why.");
  for (std::size_t i = 0; i < places::kSkipTokens.size(); ++i) {
    out.Sample(places::kSkips + i, {{"kind", places::kSkipTokens[i]}});
  }
  out.Head("callback_parts", "What came of the parts of callbacks.");
  for (std::size_t i = 0; i < places::kParts.size(); ++i) {
    out.Sample(places::kCallbackParts + i, {{"part", places::kParts[i].token}});
  }
}

void ExposeResults(Exposition& out) {
  out.Head("check_results", "Results of checks with their reasons.");
  std::size_t place = places::kResults;
  for (const ResultRule& rule : places::CountedResults()) {
    out.Sample(place++, {{"check", ToString(rule.check)},
                         {"result", ToString(rule.result)},
                         {"reason", ToString(rule.reason)}});
  }
}

}  // namespace

std::string RenderStatisticsJson(const Month& month, const CounterTotals& totals) {
  nlohmann::ordered_json counters = nlohmann::ordered_json::object();
  std::size_t place = 0;
  for (const std::string& name : CounterNames()) counters[name] = At(totals, place++);
  const nlohmann::ordered_json json = {{"month", month.ToString()}, {"counters", counters}};
  return json.dump() + '\n';
}

std::string RenderStatisticsPrometheus(const Month& month, const CounterTotals& totals) {
  Exposition out(month, totals);
  out.Head("sessions", "Sessions.");
  out.Sample(places::kSessions);
  out.Head("messages", "Messages.");
  out.Sample(places::kMessages);
  ExposeVerdicts(out);
  ExposeCallbacks(out);
  ExposeResults(out);
  return out.Take();
}

}  // namespace helovet
