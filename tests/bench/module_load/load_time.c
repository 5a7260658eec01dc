/* load_time MODULE...: what loading a module and calling it once costs a freshly forked process, as
 * Exim forks one for each connection. The modules take turns; medians of ROUNDS, in microseconds.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 201, MOST_MODULES = 16 };

struct Times {
  double load, call;
};

static double MicrosecondsBetween(struct timespec from, struct timespec to) {
  return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
}

static int LoadAndCall(const char* path, struct Times* times) {
  struct timespec start, loaded, called;
  clock_gettime(CLOCK_MONOTONIC, &start);
  void* const module = dlopen(path, RTLD_NOW);
  if (module == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 0;
  }
  int (*touch)(void);
  *(void**)&touch = dlsym(module, "Touch");
  clock_gettime(CLOCK_MONOTONIC, &loaded);
  touch();
  clock_gettime(CLOCK_MONOTONIC, &called);
  times->load = MicrosecondsBetween(start, loaded);
  times->call = MicrosecondsBetween(loaded, called);
  return 1;
}

static int InFreshProcess(const char* path, struct Times* times) {
  int channel[2];
  if (pipe(channel) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) {
    const int done = LoadAndCall(path, times) &&
                     write(channel[1], times, sizeof *times) == (ssize_t)sizeof *times;
    _exit(!done);
  }
  close(channel[1]);
  const int got = read(channel[0], times, sizeof *times) == (ssize_t)sizeof *times;
  close(channel[0]);
  waitpid(child, NULL, 0);
  return got;
}

static int Ascending(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  static double load[MOST_MODULES][ROUNDS], call[MOST_MODULES][ROUNDS];
  const int modules = argc - 1;
  if (modules < 1 || modules > MOST_MODULES) return 2;
  for (int round = 0; round < ROUNDS; ++round) {
    for (int i = 0; i < modules; ++i) {
      struct Times times;
      if (!InFreshProcess(argv[i + 1], &times)) return 1;
      load[i][round] = times.load;
      call[i][round] = times.call;
    }
  }
  for (int i = 0; i < modules; ++i) {
    qsort(load[i], ROUNDS, sizeof(double), Ascending);
    qsort(call[i], ROUNDS, sizeof(double), Ascending);
    printf("%8.0f %8.0f  %s\n", load[i][ROUNDS / 2], call[i][ROUNDS / 2], argv[i + 1]);
  }
  return 0;
}
