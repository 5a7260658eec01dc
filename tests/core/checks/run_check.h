// Runs one check by itself.
#ifndef HELOVET_TESTS_CORE_CHECKS_RUN_CHECK_H_
#define HELOVET_TESTS_CORE_CHECKS_RUN_CHECK_H_

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/helo.h"
#include "helovet/loop.h"
#include "helovet/result.h"
#include "loop/task.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

struct Ended {};

template <typename T>
Task<Ended> Keep(Task<T> task, std::optional<T>& kept) {
  kept = co_await task;
  co_return Ended();
}

// Turns `loop` until `task` has ended.
template <typename T>
T RunTask(Loop& loop, Task<T> task) {
  std::optional<T> kept;
  Task<Ended> root = Keep(std::move(task), kept);
  root.Start();
  loop.RunUntil([&root] { return root.done(); });
  return *std::move(kept);
}

// Soon enough for tests that wait for it, and never reached by the others.
inline constexpr std::chrono::milliseconds kShortDeadline(50);

inline HeloFinding HeloOf(const std::string& helo, const IpAddress& client) {
  const Session session = {.client = client, .helo = helo};
  return CheckHelo(session, Config());
}

// "fail/address-mismatch".
inline std::string Text(const CheckResult& result) {
  return std::string(ToString(result.result)) + "/" + std::string(ToString(result.reason));
}

// "owner TYPE outcome text" each, without the text where there is none.
inline std::vector<std::string> Texts(const std::vector<Evidence>& evidence) {
  std::vector<std::string> texts;
  for (const Evidence& item : evidence) {
    std::string text = item.owner + " " + item.type + " " + item.outcome;
    if (!item.text.empty()) text += " " + item.text;
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_CHECKS_RUN_CHECK_H_
