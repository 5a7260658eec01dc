#include "helovet/store_access.h"

#include <memory>
#include <utility>

#include "base/printable.h"
#include "helovet/loop.h"
#include "nlohmann/json.hpp"
#include "store/store.h"

namespace helovet {
namespace {

template <typename T>
Task<bool> Keep(Task<StoreErrorOr<T>> task, std::optional<StoreErrorOr<T>>& result) {
  result.emplace(co_await task);
  co_return true;
}

// What `ask` gives when it is called with the store, awaited.
template <typename T, typename Ask>
StoreAccessOr<T> Access(const Config& config, Ask ask) {
  Loop loop;
  const std::unique_ptr<Store> store = OpenStore(loop, config);
  if (!store) return tl::make_unexpected(std::string("store.kind is \"none\""));
  std::optional<StoreErrorOr<T>> result;
  Task<bool> task = Keep<T>(ask(*store), result);
  task.Start();
  loop.RunUntil([&task] { return task.done(); });
  if (!result) return tl::make_unexpected(std::string("store: no answer"));
  if (!*result) return tl::make_unexpected(result->error().message);
  return std::move(**result);
}

RememberedFact Remembered(StoredFact fact) {
  return {.key = std::move(fact.key), .value = std::move(fact.value), .left = fact.left};
}

std::int64_t SecondsLeft(const RememberedFact& fact) {
  return std::chrono::ceil<std::chrono::seconds>(fact.left).count();
}

}  // namespace

StoreAccessOr<std::vector<RememberedFact>> ListRemembered(const Config& config,
                                                          const std::string& prefix) {
  auto facts = Access<std::vector<StoredFact>>(
      config, [&prefix](Store& store) { return store.List(prefix); });
  if (!facts) return tl::make_unexpected(std::move(facts.error()));
  std::vector<RememberedFact> remembered;
  for (StoredFact& fact : *facts) remembered.push_back(Remembered(std::move(fact)));
  return remembered;
}

StoreAccessOr<std::optional<RememberedFact>> FindRemembered(const Config& config,
                                                            const std::string& key) {
  auto fact =
      Access<std::optional<StoredFact>>(config, [&key](Store& store) { return store.Find(key); });
  if (!fact) return tl::make_unexpected(std::move(fact.error()));
  if (!*fact) return std::optional<RememberedFact>();
  return std::optional(Remembered(std::move(**fact)));
}

StoreAccessOr<std::size_t> ForgetRemembered(const Config& config, const std::string& prefix) {
  return Access<std::size_t>(config, [&prefix](Store& store) { return store.Flush(prefix); });
}

StoreAccessOr<CounterTotals> ReadCounters(const Config& config, Month month) {
  return Access<CounterTotals>(config, [month](Store& store) { return store.Totals(month); });
}

std::string RenderRemembered(const std::vector<RememberedFact>& facts) {
  std::string text;
  for (const RememberedFact& fact : facts) {
    text += std::to_string(SecondsLeft(fact)) + " " + Printable(fact.key) + " " +
            Printable(fact.value) + "\n";
  }
  return text;
}

std::string RenderRememberedJson(const std::vector<RememberedFact>& facts) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const RememberedFact& fact : facts) {
    array.push_back({{"key", Printable(fact.key)},
                     {"value", Printable(fact.value)},
                     {"seconds_left", SecondsLeft(fact)}});
  }
  return array.dump() + "\n";
}

}  // namespace helovet
