#include "server/event_hub.h"

#include <utility>

namespace cassette::server {

base::Result<EventType> ParseEventType(std::string_view name) {
  if (name == "TOPOLOGY_CHANGE") return kTopologyChange;
  if (name == "STATUS_CHANGE") return kStatusChange;
  if (name == "SCHEMA_CHANGE") return kSchemaChange;
  return base::InvalidArgument("Invalid value '" + std::string(name) + "' for Type");
}

void EventHub::Register(Subscriber subscriber, uint8_t types, Deliver deliver) {
  base::MutexLock lock(mutex_);
  Subscription& subscription = subscriptions_[subscriber];
  subscription.types |= types;
  subscription.deliver = std::move(deliver);
}

void EventHub::Unregister(Subscriber subscriber) {
  base::MutexLock lock(mutex_);
  subscriptions_.erase(subscriber);
}

void EventHub::Publish(EventType type, const std::string& body) {
  base::MutexLock lock(mutex_);
  for (const auto& [subscriber, subscription] : subscriptions_) {
    if ((subscription.types & type) != 0) subscription.deliver(body);
  }
}

}  // namespace cassette::server
