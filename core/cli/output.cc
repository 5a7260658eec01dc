#include "output.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace helovet::cli {
namespace {

bool Write(std::FILE* stream, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
}

}  // namespace

void PrepareStreams() {
  // Ours alone to decide: this is a command, not the library.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // open(2) takes the lowest free descriptor, which is this one; it fails the writer, as before.
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
      return;
    }
  }
}

int Print(std::string_view text) {
  if (Write(stdout, text)) return kExitDone;
  const std::string why = std::generic_category().message(errno);
  Write(stderr, "helovet: cannot write: " + why + '\n');
  return kExitOutput;
}

int Refuse(std::string_view message) {
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    Write(stderr, "helovet: " + std::string(message.substr(0, end)) + '\n');
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return kExitUsage;
}

int RefuseWith(std::string_view text) {
  Write(stderr, text);
  return kExitUsage;
}

std::string LinesOf(const std::vector<FileError>& complaints) {
  std::string text;
  for (const FileError& complaint : complaints) {
    if (!text.empty()) text += '\n';
    text += complaint.ToString();
  }
  return text;
}

}  // namespace helovet::cli
