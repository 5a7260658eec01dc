#include "exim_host.h"

// Exim exports its functions to modules (it is linked with -rdynamic). The references are weak, so
// that one module loads in every version of Exim, and in programs that are not Exim.
//
// Seen in the sources of Exim 4.92 to 4.99 (local_scan.h): log_write, debug_printf and
// debug_selector never changed. string_copy_taint_function exists from 4.93; its second parameter
// is `BOOL tainted` (an int) up to 4.95 and `const void* proto_mem` from 4.96, where the value 1
// (GET_TAINTED) asks for tainted memory. Integers and pointers are passed alike by the ABIs that
// Exim runs on, so that 1 as a pointer means "tainted" to all of them. header_list and its lines
// are part of the interface for local_scan() and never changed either.
extern "C" {
struct EximHeaderLine {  // header_line
  EximHeaderLine* next;
  int type;
  int size;  // Of the text, which may have any octets; its last one is a newline.
  unsigned char* text;
};
[[gnu::weak]] extern EximHeaderLine* header_list;
[[gnu::weak]] void log_write(unsigned int selector, int flags, const char* format, ...);
[[gnu::weak]] void debug_printf(const char* format, ...);
[[gnu::weak]] extern unsigned int debug_selector;
[[gnu::weak]] unsigned char* string_copy_taint_function(const unsigned char* text,
                                                        const void* tainted);
}

namespace helovet {
namespace {

constexpr int kLogMain = 1;  // LOG_MAIN in Exim's local_scan.h.
// The type of a line that has been removed; header_remove() of Exim sets nothing else.
constexpr int kRemoved = '*';

// One symbol could be another program's function of the same name; two are Exim's.
bool HostIsExim() { return &debug_selector != nullptr && &log_write != nullptr; }

}  // namespace

void WriteMainLog(std::string_view line) {
  if (HostIsExim()) log_write(0, kLogMain, "%s", std::string(line).c_str());
}

bool HostIsDebugging() { return HostIsExim() && &debug_printf != nullptr && debug_selector != 0; }

void PrintDebug(std::string_view text) {
  if (!HostIsDebugging()) return;
  // Exim formats each call into one buffer of a few thousand octets.
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    debug_printf("helovet: %s\n", std::string(text.substr(0, end)).c_str());
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

char* CopyTainted(const std::string& text) {
  if (!HostIsExim() || &string_copy_taint_function == nullptr) return nullptr;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): GET_TAINTED, see above.
  const void* const tainted = reinterpret_cast<const void*>(1);
  return reinterpret_cast<char*>(
      string_copy_taint_function(reinterpret_cast<const unsigned char*>(text.c_str()), tainted));
}

// Not by Exim's variables such as $lheader_authentication-results: they end after 64 KiB, behind
// which a client could hide a field.
std::size_t RemoveHeaderFields(const std::function<bool(std::string_view field)>& unwanted) {
  if (!HostIsExim() || &header_list == nullptr) return 0;
  std::size_t removed = 0;
  for (EximHeaderLine* line = header_list; line != nullptr; line = line->next) {
    // The place of Received has no text yet.
    if (line->type == kRemoved || line->text == nullptr || line->size <= 0) continue;
    const std::string_view field(reinterpret_cast<const char*>(line->text),
                                 static_cast<std::size_t>(line->size));
    if (!unwanted(field)) continue;
    line->type = kRemoved;
    ++removed;
  }
  return removed;
}

}  // namespace helovet
