// The functions that Exim calls: ${dlfunc{MODULE}{FUNCTION}{ARGUMENT}...}.
//
// Their type is Exim's exim_dlfunc_t. Exim copies *yield as soon as they return. No exception
// leaves them, and nothing that they open stays open.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "answer.h"
#include "arguments.h"
#include "exim_host.h"
#include "session_cache.h"

namespace helovet {
namespace {

// Exim's return codes, as its documentation of ${dlfunc} gives them.
constexpr int kOk = 0;
constexpr int kError = 3;  // The expansion fails, and Exim writes *yield to its panic log.

constexpr std::size_t kMaxArguments = 8;  // EXPAND_DLFUNC_MAX_ARGS in Exim's macros.h.

// What is left to say when there is no memory to think with: the session goes on.
constexpr char kBrokenAnswer[] =
    "action=accept trust=unknown code=250 reply=\"\" header=\"\" csa=temperror "
    "error=\"internal error\"";
constexpr char kBrokenStatus[] = "defer";
constexpr char kNoMemory[] = "helovet_remove_forged: out of memory";

// Never destroyed: its memory dies with the process, and Exim's children exit in many ways.
SessionCache& Cache() {
  static SessionCache* const cache = new SessionCache();
  return *cache;
}

char* Writable(const char* literal) { return const_cast<char*>(literal); }  // Exim only reads it.

// Exim's argument vector; arguments beyond the most that Exim gives are not looked at: where it
// gives so many, it counts on into memory that it never wrote, up to a null pointer.
class ArgumentVector {
 public:
  ArgumentVector(int count, unsigned char* const* values) {
    while (size_ < kMaxArguments && size_ < static_cast<std::size_t>(count < 0 ? 0 : count)) {
      arguments_[size_] = reinterpret_cast<const char*>(values[size_]);
      ++size_;
    }
  }
  [[nodiscard]] Arguments Get() const { return {arguments_.data(), size_}; }

 private:
  std::array<std::string_view, kMaxArguments> arguments_;
  std::size_t size_ = 0;
};

}  // namespace

extern "C" {

#define HELOVET_EXPORT [[gnu::visibility("default")]]

// ${dlfunc{MODULE}{helovet}{ip}{helo}{mail from}{option=value}...}: the verdict as key=value pairs.
HELOVET_EXPORT int helovet(unsigned char** yield, int argc, unsigned char* argv[]) noexcept {
  char** const text = reinterpret_cast<char**>(yield);
  try {
    SessionCache& cache = Cache();
    auto answer = AnswerHelovet(ArgumentVector(argc, argv).Get(), cache);
    if (!answer) {
      *text = cache.Keep(std::move(answer).error());
      return kError;
    }
    // The HELO name and the DNS speak in the answer.
    *text = CopyTainted(*answer);
    if (*text == nullptr) *text = cache.Keep(*std::move(answer));
    return kOk;
  } catch (...) {
    *text = Writable(kBrokenAnswer);
    return kOk;
  }
}

// ${dlfunc{MODULE}{helovet_csa}{ip}{helo}{option=value}...}: ok, fail, defer or unknown.
HELOVET_EXPORT int helovet_csa(unsigned char** yield, int argc, unsigned char* argv[]) noexcept {
  char** const text = reinterpret_cast<char**>(yield);
  try {
    SessionCache& cache = Cache();
    auto answer = AnswerCsa(ArgumentVector(argc, argv).Get(), cache);
    const bool ok = answer.has_value();
    *text = cache.Keep(ok ? *std::move(answer) : std::move(answer).error());
    return ok ? kOk : kError;
  } catch (...) {
    *text = Writable(kBrokenStatus);
    return kOk;
  }
}

// ${dlfunc{MODULE}{helovet_remove_forged}{option=value}...}: how many fields it has removed.
HELOVET_EXPORT int helovet_remove_forged(unsigned char** yield, int argc,
                                         unsigned char* argv[]) noexcept {
  char** const text = reinterpret_cast<char**>(yield);
  try {
    SessionCache& cache = Cache();
    *text = cache.Keep(RemoveForgedResults(ArgumentVector(argc, argv).Get(), cache));
    return kOk;
  } catch (...) {
    // A forgery may be left: the message has to come again.
    *text = Writable(kNoMemory);
    return kError;
  }
}

// ${dlfunc{MODULE}{helovet_preload}{value}{option=value}...}: value, whatever happens.
HELOVET_EXPORT int helovet_preload(unsigned char** yield, int argc,
                                   unsigned char* argv[]) noexcept {
  static unsigned char nothing[] = "";
  *yield = argc > 0 ? argv[0] : nothing;
  if (argc < 1) return kOk;
  try {
    const int most = std::min(argc, static_cast<int>(kMaxArguments));
    Preload(ArgumentVector(most - 1, argv + 1).Get(), Cache());
  } catch (...) {
    // The sessions will read the configuration themselves.
  }
  return kOk;
}

}  // extern "C"
}  // namespace helovet
