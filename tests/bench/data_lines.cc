// data_lines [--mib N] COMMAND [ARGUMENT...]
//
// Runs COMMAND as OpenSMTPD 6.8 runs a filter, on one pair of sockets, and plays one message of
// N MiB (25) through it: a header section, some text, lines of 76 octets of base64. All lines are
// sent as fast as they are taken, as smtpd does with what a fast client gives it. Prints one line:
// MiB of message a second, from the first line sent to the last one back; milliseconds of CPU that
// COMMAND used, its start included; and how many lines of its own it put before the message.
// Fails if anything else than the message comes back.
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "filter_process.h"

namespace {

using helovet::FilterProcess;

constexpr std::size_t kMiB = std::size_t{1024} * 1024;
constexpr std::size_t kBase64Octets = 76;  // RFC 2045 §6.8: a line has no more.
constexpr std::string_view kEvent = "|0.6|1700000000.000000|smtp-in|";
// smtpd uses the same token for all requests of a phase.
constexpr std::string_view kIds = "|7641df9771b4ed00|1ef1c203cc576e5d";
constexpr std::string_view kSession = kIds.substr(0, 17);

// smtpd puts its own field before what the client sends.
constexpr std::string_view kHeader =
    "Received: from mail.example.com (mail.example.com [198.51.100.1])\n"
    "\tby mx.example.net (OpenSMTPD) with ESMTP id 5f9d0a1c\n"
    "\tfor <someone@example.net>;\n"
    "\tTue, 14 Nov 2023 22:13:20 +0000 (UTC)\n"
    "Received: from desk.example.com (desk.example.com [198.51.100.7])\n"
    "\tby mail.example.com with ESMTPSA id 4711\n"
    "\tfor <someone@example.net>; Tue, 14 Nov 2023 22:13:19 +0000\n"
    "Authentication-Results: mail.example.com; auth=pass smtp.auth=sender\n"
    "Date: Tue, 14 Nov 2023 22:13:18 +0000\n"
    "From: Sender <sender@example.com>\n"
    "To: Someone <someone@example.net>\n"
    "Subject: The pictures\n"
    "Message-ID: <20231114221318.4711@example.com>\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=\"0123456789\"\n"
    "\n"
    "--0123456789\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "\n"
    "Good evening,\n"
    "\n"
    "here are the pictures that we spoke of.\n"
    "\n"
    "--0123456789\n"
    "Content-Type: image/jpeg\n"
    "Content-Transfer-Encoding: base64\n"
    "\n";
constexpr std::string_view kEnd = "--0123456789--\n.\n";

// What smtpd says of a message, and what must come back of it.
struct Dialogue {
  std::string requests;
  std::string answers;
};

class Writer {
 public:
  void Line(std::string_view text) {
    std::array<char, 48> head;  // Each line has a time of its own, in microseconds.
    std::snprintf(head.data(), head.size(), "filter|0.6|1700000000.%06u|smtp-in|data-line", time_);
    time_ = (time_ + 1) % 1000000;
    dialogue_.requests += head.data();
    dialogue_.answers += "filter-dataline";
    for (std::string* const side : {&dialogue_.requests, &dialogue_.answers}) {
      *side += kIds;
      *side += '|';
      *side += text;
      *side += '\n';
    }
    octets_ += text.size() + 2;  // With its carriage return and line feed.
  }

  void Lines(std::string_view text) {
    for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
      Line(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
  }

  void Base64(std::size_t until_octets) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string line(kBase64Octets, 'A');
    for (unsigned state = 1; octets_ < until_octets;) {
      state = state * 1664525 + 1013904223;  // Any octets will do, as long as lines differ.
      std::rotate(line.begin(), line.begin() + 7, line.end());
      line[state % kBase64Octets] = kDigits[state >> 26];
      Line(line);
    }
  }

  [[nodiscard]] Dialogue Take() { return std::move(dialogue_); }

 private:
  Dialogue dialogue_;
  std::size_t octets_ = 0;
  unsigned time_ = 0;
};

Dialogue MessageOf(std::size_t octets) {
  Writer writer;
  writer.Lines(kHeader);
  writer.Base64(octets);
  writer.Lines(kEnd);
  return writer.Take();
}

// Sends `text` and takes what comes, until all is sent and what came ends with `end`. False if the
// command ends before. `got` must have room: growing it would be part of the measurement.
bool Exchange(const FilterProcess& filter, std::string_view text, std::string_view end,
              std::string& got) {
  const int fd = filter.descriptor();
  std::array<char, 65536> block;
  while (!text.empty() || !got.ends_with(end)) {
    pollfd wanted = {fd, static_cast<short>(text.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    poll(&wanted, 1, -1);
    if ((wanted.revents & POLLOUT) != 0) {
      const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
    }
    if ((wanted.revents & (POLLIN | POLLHUP)) == 0) continue;
    const ssize_t count = read(fd, block.data(), block.size());
    if (count == 0) return false;
    if (count > 0) got.append(block.data(), static_cast<std::size_t>(count));
  }
  return true;
}

// The way to DATA: each event that the command has registered, each request awaited.
bool OpenSession(const FilterProcess& filter) {
  std::string registered;
  if (!Exchange(filter,
                "config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\n"
                "config|subsystem|smtp-in\nconfig|admd|mx.example.net\nconfig|ready\n",
                "register|ready\n", registered)) {
    return false;
  }
  const auto has = [&](std::string_view event) {
    return registered.find("|smtp-in|" + std::string(event) + "\n") != std::string::npos;
  };
  const auto line = [](std::string_view kind, std::string_view event, std::string_view rest) {
    return std::string(kind).append(kEvent).append(event).append(rest) + "\n";
  };
  if (!has("data-line")) return false;
  std::string events;
  if (has("link-connect")) {
    events = line("report", "link-connect",
                  std::string(kSession) + "|mail.example.com|pass|198.51.100.1:4321|192.0.2.25:25");
  }
  for (const auto& [event, argument] : {std::pair{"ehlo", "mail.example.com"},
                                        {"mail-from", "sender@example.com"},
                                        {"rcpt-to", "someone@example.net"},
                                        {"data", ""}}) {
    if (!has(event)) continue;
    std::string got;
    events += line("filter", event, std::string(kIds) + "|" + argument);
    if (!Exchange(filter, events, "|proceed\n", got)) return false;
    events.clear();
  }
  return Exchange(filter, events, "", events);
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t mib = 25;
  int at = 1;
  if (argc > 2 && std::string_view(argv[1]) == "--mib") {
    mib = std::strtoul(argv[2], nullptr, 10);
    at = 3;
  }
  if (at >= argc || mib < 1) {
    std::fputs("usage: data_lines [--mib N] COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  const Dialogue message = MessageOf(mib * kMiB);
  std::string got(message.answers.size() + 65536, '\0');  // Its memory is touched before.
  got.clear();

  FilterProcess filter(argv + at);
  if (!OpenSession(filter)) {
    std::fprintf(stderr, "data_lines: %s ended, or takes no data-line\n", argv[at]);
    return 1;
  }
  const std::string last = "filter-dataline" + std::string(kIds) + "|.\n";
  const auto started = std::chrono::steady_clock::now();
  const bool whole = Exchange(filter, message.requests, last, got);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const rusage used = filter.Finish();
  if (!whole || !got.ends_with(message.answers)) {
    std::fprintf(stderr, "data_lines: got %zu octets, want %zu, the message's lines unchanged\n",
                 got.size(), message.answers.size());
    return 1;
  }
  const std::string_view added =
      std::string_view(got).substr(0, got.size() - message.answers.size());
  std::printf("%.1f MiB/s  %.1f ms CPU  %zu lines added\n", static_cast<double>(mib) / took.count(),
              (Seconds(used.ru_utime) + Seconds(used.ru_stime)) * 1e3,
              static_cast<std::size_t>(std::ranges::count(added, '\n')));
  return 0;
}
