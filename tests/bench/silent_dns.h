// A DNS server that is silent about some names.
#ifndef HELOVET_TESTS_BENCH_SILENT_DNS_H_
#define HELOVET_TESTS_BENCH_SILENT_DNS_H_

#include <atomic>
#include <cstdint>
#include <thread>

namespace helovet {

// Answers questions over UDP on 127.0.0.1, in a thread of its own: nothing to names below `silent`
// and to reverse names of 10.0.0.0/8, to all others at once that they do not exist. Its answers
// have no SOA record, so that nobody may remember them (RFC 2308 §5).
class SilentDns {
 public:
  // Ends the process where the system gives no socket.
  SilentDns();
  ~SilentDns();
  SilentDns(const SilentDns&) = delete;
  SilentDns& operator=(const SilentDns&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Questions to which nothing was said, each repetition of one, too.
  [[nodiscard]] long unanswered() const { return unanswered_; }
  [[nodiscard]] long answered() const { return answered_; }

 private:
  void Serve(const std::stop_token& stop);

  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<long> unanswered_ = 0;
  std::atomic<long> answered_ = 0;
  std::jthread thread_;  // After what it uses.
};

}  // namespace helovet

#endif  // HELOVET_TESTS_BENCH_SILENT_DNS_H_
