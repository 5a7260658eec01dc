#include "silent_dns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace helovet {
namespace {

constexpr std::size_t kHeaderOctets = 12;  // RFC 1035 §4.1.1.
constexpr int kReceiveBuffer = 64 << 20;   // Bursts are the sender's measure, not ours.
constexpr timeval kLook = {.tv_sec = 0, .tv_usec = 50'000};  // For the end.

// The octets of the name of a message's question, up to and with the final zero; empty: none.
std::string_view NameOf(std::string_view message) {
  std::size_t end = kHeaderOctets;
  while (end < message.size() && message[end] != 0) {
    end += 1 + static_cast<std::uint8_t>(message[end]);
  }
  if (end + 5 > message.size()) return {};
  return message.substr(kHeaderOctets, end + 1 - kHeaderOctets);
}

bool IsSilentAbout(std::string_view name) {
  using std::literals::operator""sv;
  return name.ends_with("\6silent\0"sv) || name.ends_with("\00210\7in-addr\4arpa\0"sv);
}

}  // namespace

SilentDns::SilentDns() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd_, generic, size) != 0 || getsockname(fd_, generic, &size) != 0) std::abort();
  port_ = ntohs(address.sin_port);
  if (setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof(kReceiveBuffer)) != 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer));
  }
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kLook, sizeof(kLook));
  thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
}

SilentDns::~SilentDns() {
  thread_.request_stop();
  thread_.join();
  close(fd_);
}

void SilentDns::Serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<char, 1500> message;
    sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    auto* const generic = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t got = recvfrom(fd_, message.data(), message.size(), 0, generic, &size);
    if (got < static_cast<ssize_t>(kHeaderOctets)) continue;
    const std::string_view name = NameOf({message.data(), static_cast<std::size_t>(got)});
    if (name.empty()) continue;
    if (IsSilentAbout(name)) {
      ++unanswered_;
      continue;
    }
    // The question alone, as an answer (QR) of a resolver (RA) that there is no such name.
    message[2] = static_cast<char>(message[2] | 0x80);
    message[3] = static_cast<char>(0x83);
    for (std::size_t count = 6; count < kHeaderOctets; ++count) message[count] = 0;
    sendto(fd_, message.data(), kHeaderOctets + name.size() + 4, 0, generic, size);
    ++answered_;
  }
}

}  // namespace helovet
