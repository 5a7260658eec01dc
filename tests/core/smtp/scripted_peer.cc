#include "core/smtp/scripted_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

constexpr int kFillers = 4;  // More than a queue of one takes.

const Script& Welcoming() {
  static const Script script = {
      {"greeting", Say("220 peer.test ESMTP\r\n")},
      {"NOOP", Say("250 ok\r\n")},
      {"EHLO", Say("250-peer.test\r\n250-SIZE 1000\r\n250 PIPELINING\r\n")},
      {"HELO", Say("250 peer.test\r\n")},
      {"MAIL", Say("250 2.1.0 ok\r\n")},
      {"RCPT", Say("250 2.1.5 ok\r\n")},
      {"QUIT", Close("221 2.0.0 bye\r\n")},
  };
  return script;
}

sockaddr_in ToAddress(const std::string& text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &address.sin_addr), 1) << text;
  return address;
}

// A listening socket; `port` gets its port.
int Listen(const std::string& text, std::uint16_t& port, int backlog) {
  sockaddr_in address = ToAddress(text, port);
  socklen_t length = sizeof address;
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(descriptor, generic, length) != 0 || listen(descriptor, backlog) != 0) {
    ADD_FAILURE() << "cannot listen on " << text << ": " << std::strerror(errno);
  }
  getsockname(descriptor, generic, &length);
  port = ntohs(address.sin_port);
  return descriptor;
}

std::string Repeated(const std::string& text, std::size_t times) {
  if (text.size() == 1) return std::string(times, text[0]);
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

ScriptedPeer::ScriptedPeer(Loop& loop, Script script, const std::string& address,
                           std::uint16_t port)
    : loop_(loop), script_(std::move(script)), port_(port) {
  listener_ = Listen(address, port_, SOMAXCONN);
  watch_ = loop_.WatchDescriptor(listener_, POLLIN, [this](short) { OnConnection(); });
}

ScriptedPeer::~ScriptedPeer() {
  watch_.Cancel();
  for (Connection& connection : connections_) Drop(connection);
  close(listener_);
}

void ScriptedPeer::OnConnection() {
  const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return;
  ++all_connections_;
  Connection& connection = connections_.emplace_back();
  connection.descriptor = descriptor;
  Perform(connection, "greeting");
}

void ScriptedPeer::WatchFor(Connection& connection, short events) {
  connection.watch =
      loop_.WatchDescriptor(connection.descriptor, events, [this, &connection, events](short) {
        events == POLLOUT ? Send(connection) : OnReadable(connection);
      });
}

void ScriptedPeer::OnReadable(Connection& connection) {
  std::array<char, 4096> octets;
  const ssize_t count = recv(connection.descriptor, octets.data(), octets.size(), 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    ++left_;
    Drop(connection);
    return;
  }
  connection.received.append(octets.data(), static_cast<std::size_t>(count));
  for (;;) {
    const std::size_t end = connection.received.find("\r\n");
    if (end == std::string::npos || connection.descriptor < 0) return;
    const std::string line = connection.received.substr(0, end);
    connection.received.erase(0, end + 2);
    OnLine(connection, line);
  }
}

void ScriptedPeer::OnLine(Connection& connection, const std::string& line) {
  lines_.push_back(line);
  std::string verb = line.substr(0, line.find(' '));
  const int times = ++connection.verbs[verb];
  if (times > 1) verb += std::to_string(times);
  Perform(connection, verb);
}

void ScriptedPeer::Perform(Connection& connection, const std::string& step) {
  const auto scripted = script_.find(step);
  const auto usual = Welcoming().find(step.substr(0, step.find_first_of("23456789")));
  if (scripted == script_.end() && usual == Welcoming().end()) {
    ADD_FAILURE() << "no command of a callback: " << step;
    return;
  }
  connection.act = scripted != script_.end() ? scripted->second : usual->second;
  connection.to_send = Repeated(connection.act.text, connection.act.times);
  connection.sent = 0;
  if (connection.act.after == std::chrono::milliseconds(0)) return Send(connection);
  WatchFor(connection, POLLIN);
  connection.timer =
      loop_.CallAt(loop_.Now() + connection.act.after, [this, &connection] { Send(connection); });
}

void ScriptedPeer::Send(Connection& connection) {
  if (connection.descriptor < 0) return;
  const bool drips = connection.act.between > std::chrono::milliseconds(0);
  while (connection.sent < connection.to_send.size()) {
    const std::size_t rest = drips ? 1 : connection.to_send.size() - connection.sent;
    const ssize_t count = send(connection.descriptor, connection.to_send.data() + connection.sent,
                               rest, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return WatchFor(connection, POLLOUT);
    if (count < 0) {
      ++left_;
      return Drop(connection);
    }
    connection.sent += static_cast<std::size_t>(count);
    if (!drips) continue;
    WatchFor(connection, POLLIN);
    connection.timer = loop_.CallAt(loop_.Now() + connection.act.between,
                                    [this, &connection] { Send(connection); });
    return;
  }
  Finish(connection);
}

void ScriptedPeer::Finish(Connection& connection) {
  switch (connection.act.then) {
    case Act::Then::kRead:
      return WatchFor(connection, POLLIN);
    case Act::Then::kClose:
      return Drop(connection);
    case Act::Then::kReset: {
      const linger at_once = {.l_onoff = 1, .l_linger = 0};
      setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      return Drop(connection);
    }
    case Act::Then::kHalfClose:
      shutdown(connection.descriptor, SHUT_WR);
      return WatchFor(connection, POLLIN);
  }
}

void ScriptedPeer::Drop(Connection& connection) {
  connection.watch.Cancel();
  connection.timer.Cancel();
  if (connection.descriptor >= 0) close(std::exchange(connection.descriptor, -1));
}

FullQueue::FullQueue(const std::string& address, std::uint16_t port) : port_(port) {
  listener_ = Listen(address, port_, 0);
  const sockaddr_in server = ToAddress(address, port_);
  for (int i = 0; i < kFillers; ++i) {
    clients_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    connect(clients_.back(), reinterpret_cast<const sockaddr*>(&server), sizeof server);
  }
}

FullQueue::~FullQueue() {
  for (const int client : clients_) close(client);
  close(listener_);
}

std::size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace helovet::testing
