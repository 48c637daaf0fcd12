#include "loadgen/engine/curl_jars.hpp"

#include "loadgen/base/check.hpp"

namespace squall::engine {

CurlJars::~CurlJars() {
  for (const auto& [user, jar] : jars_) {
    SQUALL_CHECK(curl_share_cleanup(jar.share) == CURLSHE_OK);
  }
}

CURLSH* CurlJars::take(std::uint64_t user) {
  Jar& jar = jars_[user];
  if (jar.share == nullptr) {
    jar.share = curl_share_init();
    SQUALL_CHECK(jar.share != nullptr);
    SQUALL_CHECK(curl_share_setopt(jar.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE) ==
                 CURLSHE_OK);
  }
  ++jar.users;
  return jar.share;
}

void CurlJars::give_back(std::uint64_t user) {
  const auto jar = jars_.find(user);
  SQUALL_CHECK(jar != jars_.end() && jar->second.users > 0);
  --jar->second.users;
  drop_if_unused(jar);
}

void CurlJars::forget(std::uint64_t user) {
  const auto jar = jars_.find(user);
  if (jar != jars_.end()) {
    jar->second.forgotten = true;
    drop_if_unused(jar);
  }
}

void CurlJars::drop_if_unused(Jars::iterator jar) {
  if (jar->second.forgotten && jar->second.users == 0) {
    SQUALL_CHECK(curl_share_cleanup(jar->second.share) == CURLSHE_OK);
    jars_.erase(jar);
  }
}

}  // namespace squall::engine
