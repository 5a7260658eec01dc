#include "core/store/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>

#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

constexpr std::chrono::seconds kStartTime{20};

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool Listens(std::uint16_t port, const std::string& path) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  path.copy(local.sun_path, sizeof local.sun_path - 1);
  const sockaddr_in remote = Loopback(port);
  const bool by_path = port == 0;
  const int fd = socket(by_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int connected =
      by_path ? connect(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local)
              : connect(fd, reinterpret_cast<const sockaddr*>(&remote), sizeof remote);
  close(fd);
  return connected == 0;
}

std::string Program() {
  const char* const servers = std::getenv("HELOVET_SERVERS");
  return std::string(servers == nullptr ? HELOVET_SERVERS_DIR : servers) +
         "/redis-tools/usr/bin/redis-check-rdb";
}

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "helovet-XXXXXX").string();
  if (mkdtemp(path.data()) != nullptr) directory_ = path;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string TemporaryDirectory::Write(const std::string& name, const std::string& text) const {
  std::ofstream(Path(name), std::ios::binary) << text;
  return Path(name);
}

std::uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), length), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  close(fd);
  return ntohs(address.sin_port);
}

Certificate MakeCertificate(const TemporaryDirectory& directory, const std::string& file,
                            const std::string& name, int days) {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Free> certificate(X509_new());
  X509* const x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  constexpr long kDay = 24L * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(x509), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), days * kDay);
  X509_set_pubkey(x509, key.get());
  const auto* const subject = reinterpret_cast<const unsigned char*>(file.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, subject, -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  const std::unique_ptr<X509_EXTENSION, Free> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str()));
  X509_add_ext(x509, names.get(), -1);
  EXPECT_GT(X509_sign(x509, key.get(), EVP_sha256()), 0);
  Certificate files = {directory.Path(file + ".crt"), directory.Path(file + ".key")};
  const std::unique_ptr<std::FILE, Free> out(std::fopen(files.certificate_file.c_str(), "w"));
  EXPECT_EQ(PEM_write_X509(out.get(), x509), 1);
  const std::unique_ptr<std::FILE, Free> key_out(std::fopen(files.key_file.c_str(), "w"));
  EXPECT_EQ(PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
            1);
  return files;
}

RedisServerProcess::RedisServerProcess(const std::vector<std::string>& options, std::uint16_t port,
                                       const std::string& path) {
  // By its first word the one program knows that it is the server.
  std::vector<std::string> words = {"redis-server",
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "no",
                                    "--dir",
                                    directory_.Path(""),
                                    "--bind",
                                    "127.0.0.1",
                                    "--logfile",
                                    directory_.Path("log")};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string program = Program();
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) execv(program.c_str(), arguments.data());
    _exit(127);
  }
  const auto give_up = std::chrono::steady_clock::now() + kStartTime;
  while (!Listens(port, path)) {
    if (std::chrono::steady_clock::now() > give_up || waitpid(process_, nullptr, WNOHANG) != 0) {
      std::ifstream log(directory_.Path("log"));
      ADD_FAILURE() << program
                    << " does not start: " << std::string(std::istreambuf_iterator<char>(log), {});
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void RedisServerProcess::Signal(int signal) const {
  if (process_ > 0) kill(process_, signal);
}

void RedisServerProcess::Kill() {
  if (process_ <= 0) return;
  Signal(SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

Config ConfigOfRedis(const std::string& server, std::chrono::milliseconds timeout) {
  Config config;
  config.store.kind = Config::StoreKind::kRedis;
  config.redis.server = server;
  config.redis.timeout = timeout;
  return config;
}

}  // namespace helovet::testing
