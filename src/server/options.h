// What a server is started with: addresses, threads and limits. Each limit says what a client meets beyond it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "net/listener.h"
#include "net/tls.h"

namespace cassette::server {

struct Limits {
  uint32_t connections_max = 20'000;            // Beyond: closed at once, counted.
  uint32_t connections_per_address_max = 0;     // 0: none but the above. Beyond: closed at once, counted.
  uint32_t envelope_bytes_max = 16 << 20;       // Beyond: a protocol error, and the connection ends.
  uint32_t response_bytes_max = 256 << 20;      // Of an answer's envelope. Beyond: an error in its place.
  uint32_t requests_per_connection_max = 2048;  // In flight. Beyond: OVERLOADED.
  uint32_t requests_max = 100'000;              // In flight in all. Beyond: OVERLOADED.
  uint64_t request_bytes_max = 256ull << 20;    // In flight in all. Beyond: OVERLOADED.
  uint32_t prepared_statements_max = 10'000;    // The least recently used goes: UNPREPARED.
  uint32_t page_rows_max = 0;                   // 0: none. Beyond: pages of this size.
  uint32_t statement_bytes_max = 1 << 20;       // Beyond: invalid.
  uint32_t unsent_bytes_max = 4 << 20;          // Of one connection. Beyond: it is not read from.
  uint32_t idle_timeout_ms = 0;                 // 0: none. Beyond: closed.
  uint32_t startup_timeout_ms = 10'000;         // From connecting to READY. Beyond: closed.
  uint32_t stop_timeout_ms = 10'000;            // Requests in flight at the end. Beyond: closed without an answer.
  uint32_t logins_max = 128;                    // Passwords that wait to be checked. Beyond: OVERLOADED, closed.
  uint32_t failed_login_delay_ms = 500;         // A wrong password is answered, and the connection closed, after.
  uint32_t batch_warn_bytes = 5 << 10;          // Of a batch of several partitions. Beyond: a warning.
  uint32_t batch_fail_bytes = 50 << 10;         // Of a batch of several partitions. Beyond: invalid.
  uint32_t batch_warn_partitions = 10;          // Of a batch without a log. Beyond: a warning.
};

struct Options {
  net::Endpoint listen;
  bool requires_password = false;  // Else whoever connects may do all.
  bool allow_anonymous = false;    // Listen beyond loopback although nobody has to log in.
  uint32_t event_loops = 1;        // Threads that read, execute and answer.
  uint32_t workers = 2;            // Threads for what may run long.
  Limits limits;
  net::TlsFiles tls;  // TLS alone, when it names a certificate.
  // All settings in force, by name: system_views.settings.
  std::vector<std::pair<std::string, std::string>> settings;
};

}  // namespace cassette::server
