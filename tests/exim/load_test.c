/*
 * Loads the module as a host without a single symbol of Exim's would, and calls its functions
 * through their C interface: what they return, what they ask the DNS, and that nothing of theirs
 * stays behind.
 *
 * usage: load_test MODULE DIRECTORY      (configuration files are written into DIRECTORY)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OK = 0, ERROR = 3 };

/* Exim's exim_dlfunc_t. */
typedef int Function(unsigned char** yield, int argc, unsigned char* argv[]);

static Function *call_helovet, *call_csa, *call_preload, *call_remove_forged;
static const char* directory;
static int failures = 0;

#define EXPECT(condition, ...)                               \
  do {                                                       \
    if (!(condition)) {                                      \
      ++failures;                                            \
      printf("%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      printf(__VA_ARGS__);                                   \
      printf("\n");                                          \
    }                                                        \
  } while (0)

static void die(const char* what) {
  printf("%s: %s\n", what, strerror(errno));
  exit(2);
}

/* --- calling ------------------------------------------------------------------------------- */

struct Answer {
  int status;
  char text[32768]; /* Room for a name of 4000 octets that every check quotes. */
};

/* Calls `function` with the given strings up to NULL. */
static struct Answer call(Function* function, ...) {
  struct Answer answer;
  unsigned char* argv[9] = {0};
  int argc = 0;
  va_list list;
  va_start(list, function);
  for (char* text; argc < 8 && (text = va_arg(list, char*)) != NULL;)
    argv[argc++] = (unsigned char*)text;
  va_end(list);
  unsigned char* yield = NULL;
  answer.status = function(&yield, argc, argv);
  snprintf(answer.text, sizeof answer.text, "%s", yield ? (char*)yield : "(null)");
  return answer;
}

static int has(const struct Answer* answer, const char* part) {
  return strstr(answer->text, part) != NULL;
}

/* How many times `key` stands outside the quotes of an answer. */
static int count_key(const struct Answer* answer, const char* key) {
  int count = 0, quoted = 0, starts = 1;
  for (const char* at = answer->text; *at; ++at) {
    if (!quoted && starts && strncmp(at, key, strlen(key)) == 0 && at[strlen(key)] == '=') ++count;
    if (quoted && *at == '\\' && at[1])
      ++at;
    else if (*at == '"')
      quoted = !quoted;
    starts = *at == ' ';
  }
  return quoted ? -1 : count;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- what may not stay behind -------------------------------------------------------------- */

static int entries(const char* path) {
  DIR* listing = opendir(path);
  if (listing == NULL) die(path);
  int count = 0;
  while (readdir(listing) != NULL) ++count;
  closedir(listing);
  return count;
}

struct Footprint {
  int descriptors, threads;
  struct sigaction handlers[NSIG];
  sigset_t blocked;
  struct itimerval timer;
};

static void take_footprint(struct Footprint* footprint) {
  memset(footprint, 0, sizeof *footprint);
  footprint->descriptors = entries("/proc/self/fd");
  footprint->threads = entries("/proc/self/task");
  for (int number = 1; number < NSIG; ++number)
    sigaction(number, NULL, &footprint->handlers[number]);
  sigprocmask(SIG_BLOCK, NULL, &footprint->blocked);
  getitimer(ITIMER_REAL, &footprint->timer);
}

static void expect_no_trace(const struct Footprint* before, const char* after_what) {
  struct Footprint after;
  take_footprint(&after);
  EXPECT(after.descriptors == before->descriptors, "%s: %d descriptors, before %d", after_what,
         after.descriptors, before->descriptors);
  EXPECT(after.threads == before->threads, "%s: %d threads, before %d", after_what, after.threads,
         before->threads);
  for (int number = 1; number < NSIG; ++number)
    EXPECT(after.handlers[number].sa_handler == before->handlers[number].sa_handler,
           "%s: signal %d has another handler", after_what, number);
  EXPECT(memcmp(&after.blocked, &before->blocked, sizeof after.blocked) == 0,
         "%s: other signals are blocked", after_what);
  EXPECT(timerisset(&after.timer.it_value) == timerisset(&before->timer.it_value),
         "%s: another timer", after_what);
}

/* --- a DNS server --------------------------------------------------------------------------- */

struct DnsServer {
  int port;
  pid_t process;
  volatile unsigned* queries; /* Shared with the process. */
};

static int udp_socket(int* port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr*)&address, sizeof address) != 0 ||
      getsockname(fd, (struct sockaddr*)&address, &length) != 0)
    die("UDP socket");
  *port = ntohs(address.sin_port);
  return fd;
}

static size_t put16(uint8_t* out, unsigned value) {
  out[0] = (uint8_t)(value >> 8);
  out[1] = (uint8_t)value;
  return 2;
}

/* One record whose owner is the question's name. */
static size_t put_record(uint8_t* out, unsigned type, const uint8_t* data, size_t size) {
  size_t at = put16(out, 0xc00c);
  at += put16(out + at, type);
  at += put16(out + at, 1);
  at += put16(out + at, 0);
  at += put16(out + at, 300);
  at += put16(out + at, (unsigned)size);
  memcpy(out + at, data, size);
  return at + size;
}

/*
 * Turns the query of `size` octets into its response: _client._smtp.mail.example.com SRV 1 2 0
 * mail.example.com, mail.example.com A 192.0.2.1, and NXDOMAIN for all else. Returns its size; 0:
 * none.
 */
static size_t respond(uint8_t* packet, size_t size) {
  static const uint8_t srv_name[] = "\7_client\5_smtp\4mail\7example\3com";
  static const uint8_t srv[] = "\0\1\0\2\0\0\4mail\7example\3com";
  static const uint8_t a[] = {192, 0, 2, 1};
  if (size < 12) return 0;
  const uint8_t* name = packet + 12;
  size_t name_size = strnlen((const char*)name, size - 12) + 1;
  if (12 + name_size + 4 > size) return 0;
  unsigned type = name[name_size] * 256u + name[name_size + 1];
  size_t end = 12 + name_size + 4;
  int is_srv = type == 33 && name_size == sizeof srv_name &&
               strcasecmp((const char*)name, (const char*)srv_name) == 0;
  int is_a = type == 1 && name_size == sizeof srv_name - 14 &&
             strcasecmp((const char*)name, (const char*)srv_name + 14) == 0;
  put16(packet + 2, is_srv || is_a ? 0x8180 : 0x8183);
  put16(packet + 6, is_srv || is_a);
  put16(packet + 8, 0);
  put16(packet + 10, 0);
  if (is_srv) end += put_record(packet + end, 33, srv, sizeof srv);
  if (is_a) end += put_record(packet + end, 1, a, sizeof a);
  return end;
}

static struct DnsServer start_dns_server(void) {
  struct DnsServer server;
  int fd = udp_socket(&server.port);
  server.queries =
      mmap(NULL, sizeof *server.queries, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (server.queries == MAP_FAILED) die("mmap");
  fflush(stdout);
  server.process = fork();
  if (server.process < 0) die("fork");
  if (server.process > 0) {
    close(fd);
    return server;
  }
  alarm(60); /* Whatever becomes of the parent. */
  for (;;) {
    uint8_t packet[1500];
    struct sockaddr_in client;
    socklen_t length = sizeof client;
    ssize_t size = recvfrom(fd, packet, 512, 0, (struct sockaddr*)&client, &length);
    if (size < 0) continue;
    ++*server.queries;
    size_t response = respond(packet, (size_t)size);
    if (response > 0) sendto(fd, packet, response, 0, (struct sockaddr*)&client, length);
  }
}

static void stop_dns_server(struct DnsServer* server) {
  kill(server->process, SIGKILL);
  waitpid(server->process, NULL, 0);
}

/* --- configurations ------------------------------------------------------------------------- */

/* Writes DIRECTORY/NAME and returns "config=DIRECTORY/NAME". */
static char* configure(const char* name, const char* format, ...) {
  static char option[4][4096];
  static int turn = 0;
  char* result = option[turn++ % 4];
  snprintf(result, sizeof option[0], "config=%s/%s", directory, name);
  FILE* file = fopen(result + strlen("config="), "w");
  if (file == NULL) die(result);
  va_list list;
  va_start(list, format);
  vfprintf(file, format, list);
  va_end(list);
  fclose(file);
  return result;
}

static char* configure_server(const char* name, int port) {
  return configure(name,
                   "deadline = \"400ms\"\nauthserv_id = \"mx.test\"\nprofile = \"standard\"\n"
                   "[dns]\nservers = [\"127.0.0.1:%d\"]\nquery_timeout = \"300ms\"\n",
                   port);
}

/* --- the tests ------------------------------------------------------------------------------ */

static void test_preload(void) {
  char value[] = "50";
  unsigned char* yield = NULL;
  unsigned char* argv[] = {(unsigned char*)value, (unsigned char*)"config=/nonexistent/x.toml"};
  for (int argc = 0; argc <= 2; ++argc) {
    int status = call_preload(&yield, argc, argv);
    EXPECT(status == OK, "%d arguments: status %d", argc, status);
    if (argc > 0) EXPECT(yield == argv[0], "%d arguments: '%s'", argc, yield);
    if (argc == 0) EXPECT(*yield == 0, "no arguments: '%s'", yield);
  }
}

static void test_verdicts(void) {
  struct DnsServer server = start_dns_server();
  char* config = configure_server("verdicts.toml", server.port);
  static const struct {
    char *ip, *helo, *csa, *status, *action;
  } cases[] = {
      {"192.0.2.1", "mail.example.com", "csa=pass csa_reason=authorized", "ok", "action=tag"},
      {"192.0.2.1", "MAIL.Example.COM.", "csa=pass csa_reason=authorized", "ok", "action=tag"},
      {"::ffff:192.0.2.1", "mail.example.com", "csa=pass", "ok", "action=tag"},
      {"192.0.2.2", "mail.example.com", "csa=fail csa_reason=address-mismatch", "fail",
       "action=reject"},
      {"2001:db8::1", "mail.example.com", "csa=fail csa_reason=no-address", "fail",
       "action=reject"},
      {"192.0.2.1", "none.example.com", "csa=none csa_reason=no-record", "unknown", "action=tag"},
      {"192.0.2.1", "", "csa=none csa_reason=no-name", "unknown", "action=reject"},
      {"127.0.0.1", "mail.example.com", "decided_by=exempt", "unknown", "action=accept"},
      {"", "mail.example.com", "decided_by=exempt", "unknown", "action=accept"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct Answer verdict = call(call_helovet, cases[i].ip, cases[i].helo, config, NULL);
    EXPECT(verdict.status == OK, "%s %s: status %d", cases[i].ip, cases[i].helo, verdict.status);
    EXPECT(has(&verdict, cases[i].csa) && has(&verdict, cases[i].action),
           "%s %s: got %s, want %s %s", cases[i].ip, cases[i].helo, verdict.text, cases[i].csa,
           cases[i].action);
    struct Answer csa = call(call_csa, cases[i].ip, cases[i].helo, config, NULL);
    EXPECT(csa.status == OK && strcmp(csa.text, cases[i].status) == 0, "%s %s: got %s, want %s",
           cases[i].ip, cases[i].helo, csa.text, cases[i].status);
  }
  stop_dns_server(&server);
}

/* Calls with these arguments and returns how many queries that cost. */
#define QUERIES(server, ...) \
  ((void)(before = *(server).queries), (void)call(__VA_ARGS__, NULL), *(server).queries - before)

static void test_one_session_is_validated_once(void) {
  struct DnsServer server = start_dns_server();
  char* config = configure_server("once.toml", server.port);
  char *ip = "192.0.2.1", *helo = "mail.example.com";
  unsigned before, got;
  got = QUERIES(server, call_helovet, ip, helo, config);
  EXPECT(got > 0, "the ACL for HELO: no query");
  got = QUERIES(server, call_helovet, ip, helo, "a@example.com", config);
  EXPECT(got == 1, "the ACL for MAIL: %u queries, want that for the sender's SPF record", got);
  got = QUERIES(server, call_helovet, ip, helo, "a@example.com", config, "recipient=a@b");
  EXPECT(got == 0, "the ACL for RCPT: %u queries", got);
  got = QUERIES(server, call_helovet, ip, helo, "", config, "authenticated=");
  EXPECT(got == 0, "the ACL for the next MAIL: %u queries", got);
  got = QUERIES(server, call_helovet, ip, helo, "", config, "profile=strict", "recipient=a@b");
  EXPECT(got == 0, "another profile: %u queries", got);
  got = QUERIES(server, call_csa, ip, helo, config);
  EXPECT(got == 0, "helovet_csa: %u queries", got);
  got = QUERIES(server, call_helovet, ip, helo, "", config, "authenticated=yes");
  EXPECT(got == 0, "authenticated: %u queries", got);
  struct Answer exempt = call(call_helovet, ip, helo, "", config, "authenticated=yes", NULL);
  EXPECT(has(&exempt, "decided_by=exempt"), "authenticated: %s", exempt.text);
  got = QUERIES(server, call_helovet, "192.0.2.2", helo, "", config);
  EXPECT(got > 0, "another address: no query");
  got = QUERIES(server, call_helovet, ip, "none.example.com", "", config);
  EXPECT(got > 0, "another name: no query");
  got = QUERIES(server, call_helovet, ip, helo, "", config);
  EXPECT(got == 0, "the first again: %u queries", got);
  struct Answer strict =
      call(call_helovet, ip, helo, "", config, "profile=strict", "authserv_id=other.test", NULL);
  EXPECT(has(&strict, "action=reject") || has(&strict, "action=defer"), "strict: %s", strict.text);
  struct Answer tagged = call(call_helovet, ip, helo, "", config, "authserv_id=other.test", NULL);
  EXPECT(has(&tagged, "action=tag") && has(&tagged, "Authentication-Results: other.test;"),
         "authserv_id: %s", tagged.text);
  stop_dns_server(&server);
}

static volatile sig_atomic_t alarms = 0;

static void on_alarm(int number) {
  (void)number;
  ++alarms;
}

/* Exim's own alarms go off whenever they are due, without SA_RESTART. */
static void test_silent_server_with_alarms(void) {
  int port;
  int silent = udp_socket(&port);
  char* config = configure_server("silent.toml", port);
  struct sigaction action = {.sa_handler = on_alarm}, before;
  struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
  sigaction(SIGALRM, &action, &before);
  setitimer(ITIMER_REAL, &often, NULL);
  double start = now();
  struct Answer answer = call(call_helovet, "192.0.2.1", "mail.example.com", "", config, NULL);
  double took = now() - start;
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &before, NULL);
  EXPECT(answer.status == OK && has(&answer, "csa=temperror csa_reason=dns"), "%d %s",
         answer.status, answer.text);
  EXPECT(!has(&answer, "action=reject"), "%s", answer.text);
  EXPECT(took > 0.25 && took < 1.5, "took %.3f s of a deadline of 0.4 s", took);
  EXPECT(alarms > 10, "%d alarms", (int)alarms);
  struct Answer csa = call(call_csa, "192.0.2.1", "mail.example.com", config, NULL);
  EXPECT(strcmp(csa.text, "defer") == 0, "%s", csa.text);
  close(silent);
}

static void test_closed_port(void) {
  int port;
  close(udp_socket(&port));
  char* config = configure_server("closed.toml", port);
  struct Answer answer = call(call_helovet, "192.0.2.1", "mail.example.com", config, NULL);
  EXPECT(answer.status == OK && has(&answer, "csa=temperror csa_reason=dns"), "%d %s",
         answer.status, answer.text);
}

static void test_calls_that_are_no_session(void) {
  static const struct {
    char *ip, *helo, *message;
  } cases[] = {
      {NULL, NULL, "needs the client's address and its HELO name"},
      {"192.0.2.1", NULL, "needs the client's address and its HELO name"},
      {"192.0.2.256", "mail.example.com", "not an IP address: '192.0.2.256'"},
      {"mail.example.com", "192.0.2.1", "not an IP address: 'mail.example.com'"},
      {"192.0.2.1\r\n\xff", "x", "not an IP address: '192.0.2.1\\x0d\\x0a\\xff'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct Answer answer = call(call_helovet, cases[i].ip, cases[i].helo, NULL);
    EXPECT(answer.status == ERROR && has(&answer, cases[i].message), "got %d %s, want %s",
           answer.status, answer.text, cases[i].message);
    answer = call(call_csa, cases[i].ip, cases[i].helo, NULL);
    EXPECT(answer.status == ERROR && has(&answer, cases[i].message), "csa: got %d %s, want %s",
           answer.status, answer.text, cases[i].message);
  }
}

/* Exim counts arguments up to a null pointer and writes none behind the eighth: what is there may
 * be anything. */
static void test_eight_arguments_and_what_is_behind(void) {
  unsigned char* config = (unsigned char*)configure("eight.toml", "profile = \"observe\"\n");
  unsigned char* nowhere = (unsigned char*)16;
  unsigned char* argv[] = {(unsigned char*)"127.0.0.1",
                           (unsigned char*)"mail.example.com",
                           (unsigned char*)"",
                           config,
                           (unsigned char*)"profile=",
                           (unsigned char*)"smtputf8=no",
                           (unsigned char*)"recipient=",
                           (unsigned char*)"authenticated=",
                           nowhere,
                           nowhere,
                           NULL};
  Function* functions[] = {call_helovet, call_csa, call_remove_forged, call_preload};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; ++i) {
    unsigned char* yield = NULL;
    functions[i](&yield, 10, argv);
    EXPECT(yield != NULL, "function %zu says nothing", i);
  }
}

static void test_mistakes_of_the_administrator(void) {
  char unknown_key[4200], missing[4200];
  snprintf(unknown_key, sizeof unknown_key, "%s",
           configure("wrong.toml", "profile = \"observe\"\n[dns]\nserver = \"127.0.0.1\"\n"));
  snprintf(missing, sizeof missing, "config=%s/missing.toml", directory);
  static char wrong_place[4300];
  snprintf(wrong_place, sizeof wrong_place, "error=\"%s:3:1: ", unknown_key + strlen("config="));
  struct {
    char *option, *error;
  } cases[] = {
      {unknown_key, wrong_place},
      {missing, "missing.toml"},
      {"confg=/etc/passwd", "error=\"unknown option 'confg=/etc/passwd'\""},
      {"profile=lax", "must be observe, standard, strict or custom"},
      {"authenticated=perhaps", "must be yes, no or empty"},
      {"no key", "error=\"unknown option 'no key'\""},
      {"a\"b\\c=\r\n", "error=\"unknown option 'a\\\"b\\\\\\\\c=\\\\x0d\\\\x0a'\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct Answer answer =
        call(call_helovet, "192.0.2.1", "mail.example.com", "a@b.example", cases[i].option, NULL);
    EXPECT(answer.status == OK && has(&answer, "action=accept trust=unknown") &&
               has(&answer, "decided_by=configuration decided_reason=invalid") &&
               has(&answer, "csa=temperror csa_reason=invalid"),
           "%s: %d %s", cases[i].option, answer.status, answer.text);
    EXPECT(has(&answer, cases[i].error), "got %s, want %s", answer.text, cases[i].error);
    answer = call(call_csa, "192.0.2.1", "mail.example.com", cases[i].option, NULL);
    EXPECT(answer.status == OK && strcmp(answer.text, "defer") == 0, "%s: %d %s", cases[i].option,
           answer.status, answer.text);
  }
}

static void test_changed_configuration_is_read_again(void) {
  struct DnsServer server = start_dns_server();
  char* config = configure_server("changed.toml", server.port);
  struct Answer answer = call(call_helovet, "192.0.2.2", "mail.example.com", config, NULL);
  EXPECT(has(&answer, "action=reject"), "before: %s", answer.text);
  configure("changed.toml", "profile = \"observe\"\n[dns]\nservers = [\"127.0.0.1:%d\"]\n",
            server.port);
  answer = call(call_helovet, "192.0.2.2", "mail.example.com", config, NULL);
  EXPECT(has(&answer, "action=tag"), "after: %s", answer.text);
  configure("changed.toml", "profile = \n");
  answer = call(call_helovet, "192.0.2.2", "mail.example.com", config, NULL);
  EXPECT(has(&answer, "error="), "broken: %s", answer.text);
  stop_dns_server(&server);
}

/* There is no message in a host that is not Exim. */
static void test_nothing_is_removed_elsewhere(void) {
  char* config = configure("remove.toml", "authserv_id = \"mx.test\"\n");
  struct Answer answer = call(call_remove_forged, config, "server_name=mx.test", NULL);
  EXPECT(answer.status == OK && strcmp(answer.text, "0") == 0, "%d %s", answer.status, answer.text);
  answer = call(call_remove_forged, "config=/nonexistent/x.toml", NULL);
  EXPECT(answer.status == OK && strcmp(answer.text, "0") == 0, "%d %s", answer.status, answer.text);
}

/* docs/rules.md section 10: recipients of some domains have a profile of their own. */
static void test_recipients(void) {
  struct DnsServer server = start_dns_server();
  char* config = configure("recipients.toml",
                           "profile = \"observe\"\nalternate.domains = [\"strict.test\"]\n"
                           "[dns]\nservers = [\"127.0.0.1:%d\"]\n",
                           server.port);
  static const struct {
    char *recipient, *action;
  } cases[] = {
      {"recipient=a@strict.test", "action=reject "},
      {"recipient=a@other.test", "action=tag "},
      {"recipient=", "action=tag "},
      {"recipient=\"profile=strict@strict.test\"@other.test", "action=tag "},
      {"recipient=\"a=b c\"@strict.test", "action=reject "},
  };
  char *ip = "192.0.2.2", *helo = "mail.example.com";
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct Answer answer =
        call(call_helovet, ip, helo, "a@b.test", config, cases[i].recipient, NULL);
    EXPECT(strncmp(answer.text, cases[i].action, strlen(cases[i].action)) == 0, "%s: %s",
           cases[i].recipient, answer.text);
    EXPECT(!has(&answer, "error="), "%s: %s", cases[i].recipient, answer.text);
  }
  stop_dns_server(&server);
}

/* A client chooses these octets. */
static void test_hostile_names(void) {
  struct DnsServer server = start_dns_server();
  char* config = configure_server("hostile.toml", server.port);
  char long_name[4001];
  memset(long_name, 'a', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = 0;
  char* names[] = {
      "a b",  "a|b",    "\"; action=accept \\", "${run{/bin/sh}}", "\x80\xff\x01", "a\r\nb: c",
      "a..b", "....",   "[192.0.2.1",           "[IPv6:",          "[]",           "%s%n%s",
      "-",    long_name};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    struct Answer answer = call(call_helovet, "192.0.2.1", names[i], "", config, NULL);
    EXPECT(answer.status == OK, "%s: status %d", names[i], answer.status);
    EXPECT(strncmp(answer.text, "action=reject ", strlen("action=reject ")) == 0, "%.60s: %s",
           names[i], answer.text);
    for (const char* octet = answer.text; *octet; ++octet)
      EXPECT(*octet >= ' ' && *octet <= '~', "%.60s: octet %d at %d", names[i], *octet,
             (int)(octet - answer.text));
    EXPECT(count_key(&answer, "action") == 1, "%.60s: %s", names[i], answer.text);
  }
  stop_dns_server(&server);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: load_test MODULE DIRECTORY\n");
    return 2;
  }
  directory = argv[2];
  printf("load_test: %s\n", argv[1]);
  struct Footprint before;
  take_footprint(&before);
  void* module = dlopen(argv[1], RTLD_LAZY); /* As Exim does. */
  if (module == NULL) {
    printf("%s\n", dlerror());
    return 2;
  }
  *(void**)&call_helovet = dlsym(module, "helovet");
  *(void**)&call_csa = dlsym(module, "helovet_csa");
  *(void**)&call_preload = dlsym(module, "helovet_preload");
  *(void**)&call_remove_forged = dlsym(module, "helovet_remove_forged");
  if (!call_helovet || !call_csa || !call_preload || !call_remove_forged) {
    printf("%s\n", dlerror());
    return 2;
  }
  expect_no_trace(&before, "dlopen");

  static const struct {
    const char* name;
    void (*run)(void);
  } tests[] = {
      {"preload", test_preload},
      {"verdicts", test_verdicts},
      {"one session is validated once", test_one_session_is_validated_once},
      {"silent server with alarms", test_silent_server_with_alarms},
      {"closed port", test_closed_port},
      {"calls that are no session", test_calls_that_are_no_session},
      {"eight arguments and what is behind", test_eight_arguments_and_what_is_behind},
      {"mistakes of the administrator", test_mistakes_of_the_administrator},
      {"changed configuration is read again", test_changed_configuration_is_read_again},
      {"nothing is removed elsewhere", test_nothing_is_removed_elsewhere},
      {"recipients", test_recipients},
      {"hostile names", test_hostile_names},
  };
  for (size_t i = 0; i < sizeof tests / sizeof *tests; ++i) {
    int failed_before = failures;
    tests[i].run();
    expect_no_trace(&before, tests[i].name);
    printf("%s: %s\n", failures == failed_before ? "ok" : "FAILED", tests[i].name);
  }
  return failures == 0 ? 0 : 1;
}
