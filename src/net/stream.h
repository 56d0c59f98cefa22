// Stream: bytes of one connection, both ways, never waiting: a TCP socket, plain or under TLS (tls.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cassette::net {

enum class StreamState : uint8_t {
  kOk,          // `bytes` were moved.
  kWouldBlock,  // None now; the loop tells when.
  kClosed,      // The other side ended it, or it failed.
};

struct StreamResult {
  StreamState state = StreamState::kOk;
  size_t bytes = 0;
};

// Thread safety: not thread safe. Ownership: has the file, closes it.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual int fd() const = 0;
  virtual StreamResult Read(char* buffer, size_t capacity) = 0;
  virtual StreamResult Write(std::string_view bytes) = 0;
  // Whether the next Read must first write (TLS), and whether bytes lie here that the file will not announce.
  virtual bool wants_write() const { return false; }
  virtual bool has_buffered() const { return false; }
  // A message is there in part: a peer that waits for an acknowledgement before it sends the rest (Nagle's algorithm)
  // gets it now instead of after the kernel's 40 ms.
  void AskForTheRest();
  // A last word to the other side, where there is one.
  virtual void Shutdown() {}
  // What the TLS handshake agreed on, and whom the client's certificate names; empty without TLS.
  virtual std::string_view security() const { return {}; }
};

// REQUIRES: `fd` does not block.
std::unique_ptr<Stream> MakePlainStream(int fd);

}  // namespace cassette::net
