// A module that does nothing but touch what its variant is about (see ../module-load):
// WITH_LDNS, WITH_STRINGS (libstdc++), WITH_STATUS (absl::StatusOr), WITH_ASIO (a coroutine loop).
#ifdef WITH_LDNS
#include <ldns/ldns.h>
#endif
#ifdef WITH_STRINGS
#include <stdexcept>
#include <string>
#include <vector>
#endif
#ifdef WITH_STATUS
#include "absl/status/statusor.h"
#endif
#ifdef WITH_ASIO
#include <asio.hpp>
#endif

namespace {

#ifdef WITH_STATUS
absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return absl::InvalidArgumentError("odd");
  return value / 2;
}
#endif

#ifdef WITH_ASIO
asio::awaitable<void> WaitOnce() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(0));
  co_await timer.async_wait(asio::use_awaitable);
}
#endif

}  // namespace

extern "C" __attribute__((visibility("default"))) int Touch() {
  int touched = 0;
#ifdef WITH_LDNS
  ldns_rdf* const name = ldns_dname_new_frm_str("mail.example.com");
  touched += ldns_dname_label_count(name);
  ldns_rdf_deep_free(name);
#endif
#ifdef WITH_STRINGS
  std::vector<std::string> texts(4, std::string(50, 'x'));
  try {
    if (touched > 1000) throw std::runtime_error(texts[0]);
  } catch (const std::exception&) {
    return -1;
  }
  touched += static_cast<int>(texts.size());
#endif
#ifdef WITH_STATUS
  touched += Half(touched).value_or(1);
#endif
#ifdef WITH_ASIO
  asio::io_context context;
  asio::co_spawn(context, WaitOnce(), asio::detached);
  touched += static_cast<int>(context.run());
#endif
  return touched;
}
