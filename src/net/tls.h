// TLS over a socket (OpenSSL), for servers: certificates, and clients' certificates where they are asked for.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "net/stream.h"

struct ssl_ctx_st;

namespace cassette::net {

struct TlsFiles {
  std::string certificate;  // PEM; a chain, the server's own first.
  std::string key;          // PEM
  std::string authorities;  // PEM. Not empty: a client must show a certificate that one of them signed.
};

// Thread safety: MakeStream may be called from many threads. Immutable: to reload certificates, make another.
class TlsContext {
 public:
  // TLS 1.2 at least. kInvalidArgument names the file that is missing or wrong.
  static base::Result<std::shared_ptr<const TlsContext>> Load(const TlsFiles& files);
  ~TlsContext();

  // The server's side of `fd`, which it owns from now on. The handshake is part of the first reads.
  std::unique_ptr<Stream> MakeStream(int fd) const;

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* const context_;
};

}  // namespace cassette::net
