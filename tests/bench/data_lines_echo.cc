// The least that a filter can do with a message: it returns every data-line, and does that as fast
// as is possible on one core. It trusts smtpd to send nothing but data-lines after config|ready,
// and in that it has it easier than any filter that decides something.
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kAnswer = "filter-dataline|";
constexpr int kFieldsBeforeIds = 5;  // filter|VERSION|TIMESTAMP|smtp-in|data-line|
constexpr std::size_t kBlockOctets = std::size_t{256} * 1024;

bool WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// `line` has its line feed.
void Echo(std::string_view line, std::string& answers) {
  if (line == "config|ready\n") {
    answers += "register|filter|smtp-in|data-line\nregister|ready\n";
  }
  if (!line.starts_with("filter|")) return;
  const char* ids = line.data();
  for (int field = 0; field < kFieldsBeforeIds; ++field) {
    const auto left = static_cast<std::size_t>(line.data() + line.size() - ids);
    const void* const bar = std::memchr(ids, '|', left);
    if (bar == nullptr) return;
    ids = static_cast<const char*>(bar) + 1;
  }
  answers += kAnswer;
  answers.append(ids, line.data() + line.size());
}

}  // namespace

int main() {
  static std::array<char, kBlockOctets> block;
  std::size_t held = 0;
  std::string answers;
  while (true) {
    const ssize_t got = read(STDIN_FILENO, block.data() + held, block.size() - held);
    if (got <= 0) return got == 0 ? 0 : 1;
    std::string_view rest(block.data(), held + static_cast<std::size_t>(got));
    for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos;) {
      Echo(rest.substr(0, end + 1), answers);
      rest.remove_prefix(end + 1);
    }
    held = rest.size();
    std::memmove(block.data(), rest.data(), held);
    if (!WriteAll(answers)) return 1;
    answers.clear();
  }
}
