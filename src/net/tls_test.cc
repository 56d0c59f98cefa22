#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace cassette::net
