#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "base/assert.h"

namespace cassette::net {
namespace {

std::string LastError() {
  char text[256] = "unknown error";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return text;
}

class TlsStream final : public Stream {
 public:
  TlsStream(SSL* ssl, int fd) : ssl_(ssl), fd_(fd) {}
  ~TlsStream() override {
    SSL_free(ssl_);
    close(fd_);
  }

  int fd() const override { return fd_; }
  StreamResult Read(char* buffer, size_t capacity) override {
    ERR_clear_error();
    return ResultOf(SSL_read(ssl_, buffer, static_cast<int>(std::min<size_t>(capacity, INT_MAX))));
  }
  StreamResult Write(std::string_view bytes) override {
    ERR_clear_error();
    return ResultOf(SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX))));
  }
  bool wants_write() const override { return wants_write_; }
  bool has_buffered() const override { return SSL_pending(ssl_) > 0; }
  void Shutdown() override {
    if (is_broken_ || !SSL_is_init_finished(ssl_)) return;
    ERR_clear_error();
    (void)SSL_shutdown(ssl_);
  }
  std::string_view security() const override { return SSL_is_init_finished(ssl_) ? SSL_get_version(ssl_) : ""; }

 private:
  StreamResult ResultOf(int count) {
    wants_write_ = false;
    if (count > 0) return {StreamState::kOk, static_cast<size_t>(count)};
    switch (SSL_get_error(ssl_, count)) {
      case SSL_ERROR_WANT_READ:
        return {StreamState::kWouldBlock, 0};
      case SSL_ERROR_WANT_WRITE:
        wants_write_ = true;
        return {StreamState::kWouldBlock, 0};
      default:
        is_broken_ = true;
        return {StreamState::kClosed, 0};
    }
  }

  SSL* const ssl_;
  const int fd_;
  bool wants_write_ = false;
  bool is_broken_ = false;
};

base::Status Configure(SSL_CTX* context, const TlsFiles& files) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // The output that a partial write leaves may grow, and so move, before the rest of it is written.
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return base::InvalidArgument(fmt::format("{}: no certificate chain: {}", files.certificate, LastError()));
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return base::InvalidArgument(fmt::format("{}: no private key: {}", files.key, LastError()));
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return base::InvalidArgument(fmt::format("{} is not the key of {}", files.key, files.certificate));
  }
  if (files.authorities.empty()) return base::Status::Ok();
  if (SSL_CTX_load_verify_locations(context, files.authorities.c_str(), nullptr) != 1) {
    return base::InvalidArgument(fmt::format("{}: no certificates: {}", files.authorities, LastError()));
  }
  // Without one OpenSSL refuses the second connection of a client that resumes its session.
  constexpr unsigned char kSessionContext[] = "cassette";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1);
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.authorities.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return base::Status::Ok();
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsFiles& files) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  CASSETTE_ASSERT(context != nullptr);
  std::shared_ptr<const TlsContext> result(new TlsContext(context));
  CASSETTE_RETURN_IF_ERROR(Configure(context, files));
  return result;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

std::unique_ptr<Stream> TlsContext::MakeStream(int fd) const {
  SSL* ssl = SSL_new(context_);
  CASSETTE_ASSERT(ssl != nullptr);
  CASSETTE_ASSERT(SSL_set_fd(ssl, fd) == 1);
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsStream>(ssl, fd);
}

}  // namespace cassette::net
