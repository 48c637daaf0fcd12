#include "tests/shop/articles_cache.hpp"

namespace squall::shop {

ArticlesCache::Look ArticlesCache::look(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Look look{.value = {}, .ticket = changes_};
  const auto entry = entries_.find(id);
  if (entry == entries_.end() || is_held(id)) {
    return look;
  }
  if (entry->second.until <= clock_.now()) {
    entries_.erase(entry);
    return look;
  }
  look.value = entry->second.value;
  return look;
}

// Any change since the look, of whichever article, makes it too old: holds are rare, and a count
// for each article would have to be kept for ever.
void ArticlesCache::keep(const std::string& id, std::uint64_t ticket, const std::string& value) {
  const std::lock_guard lock(mutex_);
  if (ticket == changes_ && !is_held(id)) {
    entries_[id] = {value, clock_.now() + ttl_};
  }
}

void ArticlesCache::hold(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  entries_.erase(id);
  Holds& holds = holds_[id];
  ++holds.writers;
  holds.until = clock_.now() + hold_limit_;
}

void ArticlesCache::release(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  const auto holds = holds_.find(id);
  if (holds != holds_.end() && --holds->second.writers == 0) {
    holds_.erase(holds);
  }
}

bool ArticlesCache::is_held(const std::string& id) {
  const auto holds = holds_.find(id);
  if (holds == holds_.end()) {
    return false;
  }
  if (holds->second.until <= clock_.now()) {
    ++changes_;
    holds_.erase(holds);
    return false;
  }
  return true;
}

}  // namespace squall::shop
