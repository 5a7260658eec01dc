// faulty_dns [--upstream PORT]
//
// A DNS server on a port of 127.0.0.1, UDP and TCP, that prints this port and serves until its
// input ends. It says what faulty_zone.h says. Of all questions over UDP, whatever their names, the
// first packet is lost of one in 20, and the answer of one in 16 is doubled and of another one in
// 16 held back so that later ones overtake it. Names below nsd.example are passed on to the server
// at PORT. At the end: one line with what it has seen.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "faulty_zone.h"

namespace helovet {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kHeaderOctets = 12;  // RFC 1035 §4.1.1.
constexpr int kReceiveBuffer = 64 << 20;
constexpr milliseconds kForgetLoss{
    3000};  // A question that comes again so much later is a new one.
constexpr std::size_t kMostRecent =
    100000;  // Questions in that time, before the old ones are removed.
constexpr std::uint64_t kLostOf = 20, kDoubledOf = 16, kHeldOf = 16;

struct Question {
  std::string name;  // Lower case.
  int type = 0;
  std::size_t end = 0;  // Of the question in its message; 0: there is none.
};

Question QuestionOf(std::string_view message) {
  Question question;
  std::size_t at = kHeaderOctets;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<unsigned char>(message[at]);
    if (length > 63 || at + 1 + length >= message.size()) return {};
    if (!question.name.empty()) question.name += '.';
    question.name += message.substr(at + 1, length);
    at += 1U + length;
  }
  if (at + 5 > message.size()) return {};
  for (char& octet : question.name) octet = static_cast<char>(std::tolower(octet));
  question.type = static_cast<unsigned char>(message[at + 1]) << 8 |
                  static_cast<unsigned char>(message[at + 2]);
  question.end = at + 5;
  return question;
}

std::string Number16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

// The response with the question of `query` and these records of its name and type.
std::string Response(std::string_view query, const Question& question, int rcode,
                     const std::vector<std::string>& data, bool truncated = false) {
  std::string out(query.substr(0, question.end));
  out[2] = static_cast<char>(0x84 | (query[2] & 1) | (truncated ? 2 : 0));
  out[3] = static_cast<char>(0x80 | rcode);
  out.replace(4, 8, Number16(1) + Number16(data.size()) + Number16(0) + Number16(0));
  for (const std::string& record : data) {
    out += Number16(0xc00c) + Number16(static_cast<std::size_t>(question.type)) + Number16(1);
    out += Number16(0) + Number16(300) + Number16(record.size()) + record;
  }
  return out;
}

// A record whose owner points to itself.
std::string Garbage(std::string_view query, const Question& question) {
  std::string out = Response(query, question, kNoError, {});
  out[7] = 1;
  const std::size_t here = out.size();
  return out + Number16(0xc000 | here) + Number16(33) + Number16(1) + "junk";
}

int Bound(int type, int& port) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || getsockname(fd, generic, &size) != 0) return close(fd), -1;
  port = ntohs(address.sin_port);
  if (type == SOCK_DGRAM) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof(kReceiveBuffer));
  }
  return fd;
}

class Server {
 public:
  explicit Server(int upstream_port) : upstream_port_(upstream_port) {
    do {
      port_ = 0;
      udp_ = Bound(SOCK_DGRAM, port_);
      tcp_ = Bound(SOCK_STREAM, port_);
    } while (udp_ < 0 || tcp_ < 0);
    int any = 0;
    elsewhere_ = Bound(SOCK_DGRAM, any);
    any = 0;
    upstream_ = Bound(SOCK_DGRAM, any);
    listen(tcp_, 512);
  }

  [[nodiscard]] int port() const { return port_; }

  void Run() {
    while (true) {
      std::vector<pollfd> wanted = {
          {STDIN_FILENO, POLLIN, 0}, {udp_, POLLIN, 0}, {upstream_, POLLIN, 0}, {tcp_, POLLIN, 0}};
      for (const auto& [fd, input] : connections_) wanted.push_back({fd, POLLIN, 0});
      poll(wanted.data(), wanted.size(), due_.empty() ? 1000 : 1);
      if (wanted[0].revents != 0) return;
      if (wanted[1].revents != 0) TakeQuestions();
      if (wanted[2].revents != 0) TakeFromUpstream();
      if (wanted[3].revents != 0) Accept();
      for (std::size_t i = 4; i < wanted.size(); ++i) {
        if (wanted[i].revents != 0) ReadTcp(wanted[i].fd);
      }
      SendWhatIsDue();
    }
  }

  void PrintSeen() const {
    std::printf(
        "{\"questions\":%lu,\"lost\":%lu,\"doubled\":%lu,\"held\":%lu,\"forged\":%lu,"
        "\"truncated\":%lu,\"over_tcp\":%lu,\"passed_on\":%lu}\n",
        questions_, lost_, doubled_, held_, forged_, truncated_, over_tcp_, passed_on_);
  }

 private:
  struct Due {
    Clock::time_point when;
    std::string message;
    sockaddr_in peer;
    bool operator>(const Due& other) const { return when > other.when; }
  };

  void Send(int fd, std::string_view message, const sockaddr_in& peer) {
    sendto(fd, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&peer),
           sizeof(peer));
  }

  void TakeQuestions() {
    std::array<char, 2048> buffer;
    for (int i = 0; i < 256; ++i) {
      sockaddr_in peer;
      socklen_t size = sizeof(peer);
      const ssize_t got = recvfrom(udp_, buffer.data(), buffer.size(), 0,
                                   reinterpret_cast<sockaddr*>(&peer), &size);
      if (got < 0) return;
      const std::string_view query(buffer.data(), static_cast<std::size_t>(got));
      const Question question = QuestionOf(query);
      if (question.end == 0) continue;
      ++questions_;
      if (IsLost(query, question, peer)) {
        ++lost_;
      } else if (question.name.ends_with(".nsd.example") && upstream_port_ != 0) {
        PassOn(query, peer);
      } else {
        Answer(query, question, peer);
      }
    }
  }

  // The first packet of a question whose name says so; another name or another time is another
  // question.
  bool IsLost(std::string_view query, const Question& question, const sockaddr_in& peer) {
    if (HashOf(question.name) % kLostOf != 7) return false;
    const std::uint64_t key =
        HashOf(query.substr(0, question.end)) ^ static_cast<std::uint64_t>(peer.sin_port) << 40;
    const auto now = Clock::now();
    if (recent_.size() >= kMostRecent) {
      std::erase_if(recent_, [now](const auto& each) { return now - each.second > kForgetLoss; });
    }
    const auto [found, first] = recent_.try_emplace(key, now);
    const bool again = !first && now - found->second < kForgetLoss;
    found->second = now;
    return !again;
  }

  void Answer(std::string_view query, const Question& question, const sockaddr_in& peer) {
    const FaultyAnswer answer = AnswerOf(question.name, question.type);
    if (answer.fault == Fault::kSilent) return;
    const bool truncated = answer.fault == Fault::kTruncated || answer.fault == Fault::kCutOff;
    truncated_ += truncated ? 1 : 0;
    if (answer.fault == Fault::kForged) Forge(query, question, peer);
    const std::string message = truncated ? Response(query, question, kNoError, {}, true)
                                : answer.fault == Fault::kGarbage
                                    ? Garbage(query, question)
                                    : Response(query, question, answer.rcode, answer.data);
    const std::uint64_t hash = HashOf(question.name) >> 8;
    milliseconds delay = answer.delay;
    if (hash % kHeldOf == 3) {
      delay += milliseconds(hash / kHeldOf % 50);
      ++held_;
    }
    const bool doubled = hash % kDoubledOf == 5;
    doubled_ += doubled ? 1 : 0;
    for (int copies = doubled ? 2 : 1; copies > 0; --copies) SendAfter(delay, message, peer);
  }

  void SendAfter(milliseconds delay, const std::string& message, const sockaddr_in& peer) {
    if (delay.count() == 0) {
      Send(udp_, message, peer);
    } else {
      due_.push({Clock::now() + delay, message, peer});
    }
  }

  void Forge(std::string_view query, const Question& question, const sockaddr_in& peer) {
    ++forged_;
    const std::string lie = Response(query, question, kNoError, {ForgedSrv()});
    std::string of_other_id = lie;
    of_other_id[0] = static_cast<char>(of_other_id[0] ^ 0x55);
    Send(udp_, of_other_id, peer);
    std::string of_other_question = lie;
    of_other_question[kHeaderOctets + 1] = 'x';
    Send(udp_, of_other_question, peer);
    Send(elsewhere_, lie, peer);
  }

  void PassOn(std::string_view query, const sockaddr_in& peer) {
    ++passed_on_;
    const std::uint16_t id = next_id_++;
    passed_[id] = {peer, std::string(query.substr(0, 2))};
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(upstream_port_));
    Send(upstream_, Number16(id) + std::string(query.substr(2)), to);
  }

  void TakeFromUpstream() {
    std::array<char, 4096> buffer;
    ssize_t got = 0;
    while ((got = recv(upstream_, buffer.data(), buffer.size(), 0)) > 2) {
      const auto id = static_cast<std::uint16_t>(static_cast<unsigned char>(buffer[0]) << 8 |
                                                 static_cast<unsigned char>(buffer[1]));
      const auto found = passed_.find(id);
      if (found == passed_.end()) continue;
      const std::string_view rest(buffer.data() + 2, static_cast<std::size_t>(got) - 2);
      Send(udp_, found->second.second + std::string(rest), found->second.first);
      passed_.erase(found);
    }
  }

  void Accept() {
    const int fd = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) connections_[fd];
  }

  void ReadTcp(int fd) {
    std::array<char, 4096> buffer;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0) return;
    std::string& input = connections_[fd];
    input.append(buffer.data(), static_cast<std::size_t>(got));
    bool open = got > 0;
    while (open && input.size() >= 2) {
      const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(input[0])) << 8 |
                               static_cast<unsigned char>(input[1]);
      if (input.size() < 2 + size) break;
      open = AnswerTcp(fd, std::string_view(input).substr(2, size));
      input.erase(0, 2 + size);
    }
    if (open) return;
    close(fd);
    connections_.erase(fd);
  }

  // False: the connection is to be closed.
  bool AnswerTcp(int fd, std::string_view query) {
    ++over_tcp_;
    const Question question = QuestionOf(query);
    if (question.end == 0) return false;
    const FaultyAnswer answer = AnswerOf(question.name, question.type);
    if (answer.fault == Fault::kCutOff) return false;
    const std::string message = Response(query, question, answer.rcode, answer.data);
    const std::string framed = Number16(message.size()) + message;
    return send(fd, framed.data(), framed.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(framed.size());
  }

  void SendWhatIsDue() {
    const auto now = Clock::now();
    for (; !due_.empty() && due_.top().when <= now; due_.pop()) {
      Send(udp_, due_.top().message, due_.top().peer);
    }
  }

  int upstream_port_;
  int port_ = 0;
  int udp_ = -1;
  int tcp_ = -1;
  int elsewhere_ = -1;  // Another source of answers.
  int upstream_ = -1;
  std::map<int, std::string> connections_;  // With what has come of a message.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::unordered_map<std::uint64_t, Clock::time_point> recent_;  // When each was lost or repeated.
  std::unordered_map<std::uint16_t, std::pair<sockaddr_in, std::string>> passed_;
  std::uint16_t next_id_ = 0;
  unsigned long questions_ = 0, lost_ = 0, doubled_ = 0, held_ = 0, forged_ = 0;
  unsigned long truncated_ = 0, over_tcp_ = 0, passed_on_ = 0;
};

}  // namespace
}  // namespace helovet

int main(int argc, char** argv) {
  const bool passes_on = argc == 3 && std::string_view(argv[1]) == "--upstream";
  helovet::Server server(passes_on ? std::atoi(argv[2]) : 0);
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  server.Run();
  server.PrintSeen();
  return 0;
}
