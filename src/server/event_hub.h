// Who wants to be told of which events, and the telling.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/status.h"

namespace cassette::server {

// Bits, so that a connection's wishes are one number.
enum EventType : uint8_t {
  kTopologyChange = 1,
  kStatusChange = 2,
  kSchemaChange = 4,
};

// kInvalidArgument for a name that is no event's.
base::Result<EventType> ParseEventType(std::string_view name);

// Thread safety: all methods may be called from many threads.
class EventHub {
 public:
  using Subscriber = const void*;
  // Called on the publisher's thread with an EVENT message's body; hands it over to its own.
  using Deliver = std::function<void(const std::string& body)>;

  // Adds `types` to what `subscriber` is told.
  void Register(Subscriber subscriber, uint8_t types, Deliver deliver);
  void Unregister(Subscriber subscriber);
  void Publish(EventType type, const std::string& body);

 private:
  struct Subscription {
    uint8_t types = 0;
    Deliver deliver;
  };
  base::Mutex mutex_;
  std::map<Subscriber, Subscription> subscriptions_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::server
