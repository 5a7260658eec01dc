/* play_session MODULE CONFIG IP HELO...: calls Exim's module as Exim does, preload first, for a
 * session with each HELO name. ../session_code profiles PlayCsa and PlayVerdict.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

typedef int Function(unsigned char** yield, int argc, unsigned char* argv[]);

static void Call(void* module, const char* name, int argc, char** argv) {
  unsigned char* yield = NULL;
  Function* function;
  *(void**)&function = dlsym(module, name);
  if (function(&yield, argc, (unsigned char**)argv) != 0) _exit(1);
  printf("%.80s\n", (const char*)yield);
}

void PlayCsa(void* module, char* ip, char* helo, char* config);
void PlayVerdict(void* module, char* ip, char* helo, char* config);

__attribute__((noinline)) void PlayCsa(void* module, char* ip, char* helo, char* config) {
  Call(module, "helovet_csa", 3, (char*[]){ip, helo, config});
}

__attribute__((noinline)) void PlayVerdict(void* module, char* ip, char* helo, char* config) {
  Call(module, "helovet", 4, (char*[]){ip, helo, "a@example.com", config});
  Call(module, "helovet", 4, (char*[]){ip, helo, "b@example.com", config});
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  void* const module = dlopen(argv[1], RTLD_NOW);
  if (module == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  char config[4096];
  snprintf(config, sizeof config, "config=%s", argv[2]);
  Call(module, "helovet_preload", 2, (char*[]){"0", config});
  for (int i = 4; i < argc; ++i) {
    PlayCsa(module, argv[3], argv[i], config);
    PlayVerdict(module, argv[3], argv[i], config);
  }
  fflush(stdout);
  _exit(0); /* As Exim's processes end. */
}
