#include "store/redis_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>
#include <system_error>
#include <utility>

#include "base/printable.h"
#include "base/read_file.h"
#include "helovet/ip_address.h"

namespace helovet {
namespace {

constexpr std::size_t kReadOctets = std::size_t{16} * 1024;  // RFC 8446 §5.1: a record's content.
// Ours: all certificates that systems come with are a quarter of a megabyte.
constexpr std::size_t kMaxCaFileOctets = std::size_t{4} * 1024 * 1024;

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// The oldest error of OpenSSL's queue, which is emptied.
tl::unexpected<std::string> LibraryError(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  std::string why(what);
  if (ERR_SYSTEM_ERROR(code)) {
    why += ": " + std::generic_category().message(ERR_GET_REASON(code));
  } else if (reason != nullptr) {
    why += ": " + Printable(reason);
  }
  return tl::make_unexpected(std::move(why));
}

tl::expected<void, std::string> Trust(SSL_CTX* context, const std::string& ca_file) {
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
    return LibraryError("the system's certificates");
  }
  // OpenSSL would wait for the writer of a FIFO, and read a device for ever.
  if (const auto text = ReadFile(ca_file, kMaxCaFileOctets); !text) {
    return tl::make_unexpected(Printable(ca_file) + ' ' +
                               WhyUnreadable(text.error(), kMaxCaFileOctets));
  }
  if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1) return {};
  return LibraryError(Printable(ca_file));
}

bool ExpectHost(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
  if (IpAddress::Parse(host)) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // The name is told to the server as well (RFC 6066 §3): SSL_set_tlsext_host_name without its
  // cast.
  return X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;
}

}  // namespace

struct RedisTls::Session {
  std::unique_ptr<SSL_CTX, Free> context;
  std::unique_ptr<SSL, Free> ssl;
  BIO* from_network = nullptr;  // Both are owned by `ssl`.
  BIO* to_network = nullptr;
};

RedisTls::RedisTls(std::unique_ptr<Session> session) : session_(std::move(session)) {}
RedisTls::~RedisTls() = default;

tl::expected<std::unique_ptr<RedisTls>, std::string> RedisTls::Create(const std::string& host,
                                                                      const std::string& ca_file) {
  // A module of a host is unloaded before the process ends, and must leave no handler behind.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  ERR_clear_error();
  auto session = std::make_unique<Session>();
  session->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = session->context.get();
  if (context == nullptr) return LibraryError("no TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (const auto trusted = Trust(context, ca_file); !trusted) {
    return tl::make_unexpected(trusted.error());
  }
  session->ssl.reset(SSL_new(context));
  SSL* const ssl = session->ssl.get();
  if (ssl == nullptr || !ExpectHost(ssl, host)) return LibraryError("no TLS");
  session->from_network = BIO_new(BIO_s_mem());
  session->to_network = BIO_new(BIO_s_mem());
  // Empty is not the end: more may come.
  BIO_set_mem_eof_return(session->from_network, -1);
  BIO_set_mem_eof_return(session->to_network, -1);
  SSL_set_bio(ssl, session->from_network, session->to_network);
  SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_connect_state(ssl);
  return std::unique_ptr<RedisTls>(new RedisTls(std::move(session)));
}

bool RedisTls::is_established() const { return SSL_is_init_finished(session_->ssl.get()) == 1; }

// False: more must come from the network first.
tl::expected<bool, std::string> RedisTls::Judge(int outcome) {
  SSL* const ssl = session_->ssl.get();
  switch (SSL_get_error(ssl, outcome)) {
    case SSL_ERROR_NONE:
      return true;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return false;
    case SSL_ERROR_ZERO_RETURN:
      return tl::make_unexpected("the server has closed the connection");
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return tl::make_unexpected("the server's certificate: " +
                               Printable(X509_verify_cert_error_string(verified)));
  }
  return LibraryError("TLS");
}

tl::expected<void, std::string> RedisTls::Advance(std::string_view from_network,
                                                  std::string& to_send, std::string& received) {
  SSL* const ssl = session_->ssl.get();
  ERR_clear_error();
  if (!from_network.empty()) {
    BIO_write(session_->from_network, from_network.data(), static_cast<int>(from_network.size()));
  }
  if (!is_established()) {
    const auto done = Judge(SSL_do_handshake(ssl));
    if (!done) return tl::make_unexpected(done.error());
    if (!*done) return {};
  }
  while (!to_send.empty()) {
    const int count = SSL_write(ssl, to_send.data(),
                                static_cast<int>(std::min<std::size_t>(to_send.size(), INT_MAX)));
    const auto done = Judge(count);
    if (!done) return tl::make_unexpected(done.error());
    if (!*done) break;
    to_send.erase(0, static_cast<std::size_t>(count));
  }
  std::array<char, kReadOctets> plain;
  for (;;) {
    const int count = SSL_read(ssl, plain.data(), static_cast<int>(plain.size()));
    const auto done = Judge(count);
    if (!done) return tl::make_unexpected(done.error());
    if (!*done) return {};
    received.append(plain.data(), static_cast<std::size_t>(count));
  }
}

std::string RedisTls::TakeOutput() {
  std::string output(BIO_ctrl_pending(session_->to_network), '\0');
  if (!output.empty()) {
    BIO_read(session_->to_network, output.data(), static_cast<int>(output.size()));
  }
  return output;
}

}  // namespace helovet
