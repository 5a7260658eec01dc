// What the embedded store costs a session: `helovet_store_bench`. In a process that keeps its store
// open, as filter-helovet does; with a new store object each time; and as Exim does it, a new
// object in a process that has just been forked.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "benchmark/benchmark.h"
#include "loop/task.h"
#include "store/lmdb_store.h"
#include "store/store.h"

namespace helovet {
namespace {

using Clock = std::chrono::steady_clock;

class StoreInDirectory {
 public:
  StoreInDirectory() {
    std::string path = (std::filesystem::temp_directory_path() / "helovet-bench-XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) config_.store.directory = path;
  }
  StoreInDirectory(const StoreInDirectory&) = delete;
  StoreInDirectory& operator=(const StoreInDirectory&) = delete;
  ~StoreInDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(config_.store.directory, ignored);
  }
  [[nodiscard]] std::unique_ptr<Store> Open() const { return MakeLmdbStore(config_); }

 private:
  Config config_;
};

template <typename T>
Task<bool> Succeeds(Task<StoreErrorOr<T>> task) {
  const StoreErrorOr<T> result = co_await task;
  co_return result.has_value();
}

template <typename T>
bool Run(Task<StoreErrorOr<T>> task) {
  Task<bool> root = Succeeds(std::move(task));
  root.Start();
  return root.done() && root.await_resume();
}

// What a session adds: some counters here and there.
bool Count(Store& store) {
  return Run(store.Count({{.counter = 0}, {.counter = 5}, {.counter = 60}, {.counter = 120}}));
}
bool Find(Store& store) { return Run(store.Find("cbv address somebody@example.org")); }
bool Put(Store& store) {
  return Run(store.Put("cbv address somebody@example.org", "accepted", std::chrono::hours(1),
                       Overwrite::kAlways));
}

using Operation = bool (*)(Store&);

void KeptOpen(benchmark::State& state, Operation operation) {
  const StoreInDirectory directory;
  const std::unique_ptr<Store> store = directory.Open();
  for (auto _ : state) {
    if (!operation(*store)) state.SkipWithError("failed");
  }
}

void NewStore(benchmark::State& state, Operation operation) {
  const StoreInDirectory directory;
  if (!operation(*directory.Open())) state.SkipWithError("failed");
  for (auto _ : state) {
    if (!operation(*directory.Open())) state.SkipWithError("failed");
  }
}

// Timed within the child; the fork is Exim's.
void NewProcess(benchmark::State& state, Operation operation) {
  const StoreInDirectory directory;
  if (!operation(*directory.Open())) state.SkipWithError("failed");
  int ends[2];
  if (pipe(ends) != 0) state.SkipWithError("pipe");
  for (auto _ : state) {
    const pid_t child = fork();
    if (child == 0) {
      const auto start = Clock::now();
      const bool done = operation(*directory.Open());
      const double took = std::chrono::duration<double>(Clock::now() - start).count();
      _exit(done && write(ends[1], &took, sizeof took) == sizeof took ? 0 : 1);
    }
    int status = 0;
    double took = 0;
    if (waitpid(child, &status, 0) != child || status != 0 ||
        read(ends[0], &took, sizeof took) != sizeof took) {
      state.SkipWithError("failed");
      break;
    }
    state.SetIterationTime(took);
  }
  close(ends[0]);
  close(ends[1]);
}

BENCHMARK_CAPTURE(KeptOpen, Count, &Count);
BENCHMARK_CAPTURE(NewStore, Count, &Count);
BENCHMARK_CAPTURE(NewProcess, Count, &Count)->UseManualTime();
BENCHMARK_CAPTURE(KeptOpen, Find, &Find);
BENCHMARK_CAPTURE(NewStore, Find, &Find);
BENCHMARK_CAPTURE(NewProcess, Find, &Find)->UseManualTime();
BENCHMARK_CAPTURE(KeptOpen, Put, &Put);
BENCHMARK_CAPTURE(NewStore, Put, &Put);
BENCHMARK_CAPTURE(NewProcess, Put, &Put)->UseManualTime();

}  // namespace
}  // namespace helovet
