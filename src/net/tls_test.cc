#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "net/tls_test_support.h"

namespace cassette::net {
namespace {

using testing::HasSubstr;

TEST(TlsTest, WrongFilesAreNamed) {
  const TestCertificate own("server");
  const TestCertificate other("other");
  EXPECT_TRUE(TlsContext::Load({own.certificate_path(), own.key_path(), ""}).ok());
  EXPECT_TRUE(TlsContext::Load({own.certificate_path(), own.key_path(), other.certificate_path()}).ok());
  EXPECT_THAT(TlsContext::Load({"/nowhere.pem", own.key_path(), ""}).status().ToString(), HasSubstr("/nowhere.pem"));
  EXPECT_THAT(TlsContext::Load({own.certificate_path(), "/nowhere.key", ""}).status().ToString(),
              HasSubstr("/nowhere.key"));
  EXPECT_FALSE(TlsContext::Load({own.certificate_path(), other.key_path(), ""}).ok());
  EXPECT_THAT(TlsContext::Load({own.certificate_path(), own.key_path(), "/nowhere.ca"}).status().ToString(),
              HasSubstr("/nowhere.ca"));
}

// A client that shows a certificate, and resumes the session of its connection before when it has one.
class ResumingClient {
 public:
  ResumingClient(const TestCertificate& certificate, int version) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_use_certificate_file(context_, certificate.certificate_path().c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_, certificate.key_path().c_str(), SSL_FILETYPE_PEM);
  }
  ~ResumingClient() {
    SSL_SESSION_free(session_);
    SSL_CTX_free(context_);
  }

  // Whether it was served: sends a byte, and reads the one that comes back.
  bool Connect(int fd) {
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, fd);
    if (session_ != nullptr) SSL_set_session(ssl, session_);
    char byte = 'x';
    const bool served = SSL_connect(ssl) == 1 && SSL_write(ssl, &byte, 1) == 1 && SSL_read(ssl, &byte, 1) == 1;
    was_resumed_ = SSL_session_reused(ssl) == 1;
    SSL_SESSION_free(session_);
    session_ = SSL_get1_session(ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
    return served;
  }
  bool was_resumed() const { return was_resumed_; }

 private:
  SSL_CTX* const context_;
  SSL_SESSION* session_ = nullptr;
  bool was_resumed_ = false;
};

TEST(TlsTest, ClientsWithCertificatesMayResumeTheirSessions) {
  (void)std::signal(SIGPIPE, SIG_IGN);  // Either side may end first.
  const TestCertificate own("server");
  const TestCertificate theirs("client");
  const auto server = TlsContext::Load({own.certificate_path(), own.key_path(), theirs.certificate_path()});
  ASSERT_TRUE(server.ok());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ResumingClient client(theirs, version);
    for (int i = 0; i < 3; ++i) {
      int ends[2];
      ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
      std::thread echo([&server, fd = ends[0]] {
        const std::unique_ptr<Stream> stream = (*server)->MakeStream(fd);
        char byte;
        const StreamResult read = stream->Read(&byte, 1);
        if (read.state == StreamState::kOk) (void)stream->Write({&byte, 1});
      });
      EXPECT_TRUE(client.Connect(ends[1])) << "connection " << i << ", version " << version;
      echo.join();
      EXPECT_EQ(client.was_resumed(), i > 0) << "connection " << i << ", version " << version;
    }
  }
}

}  // namespace
}  // namespace cassette::net
