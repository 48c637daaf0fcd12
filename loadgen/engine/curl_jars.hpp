// Cookie jars: one for each virtual user, shared by its transfers alone.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <unordered_map>

namespace squall::engine {

// Owns the jars. Worker thread only: libcurl is given no locks.
class CurlJars {
 public:
  CurlJars() = default;
  // REQUIRES: no transfer uses one.
  ~CurlJars();
  CurlJars(const CurlJars&) = delete;
  CurlJars& operator=(const CurlJars&) = delete;

  // The user's jar, made if it has none; counts a transfer that uses it.
  [[nodiscard]] CURLSH* take(std::uint64_t user);
  // A transfer has let go of it.
  void give_back(std::uint64_t user);
  // The user does not come back: its jar goes when no transfer uses it.
  void forget(std::uint64_t user);
  [[nodiscard]] std::size_t size() const { return jars_.size(); }

 private:
  struct Jar {
    CURLSH* share = nullptr;
    unsigned users = 0;
    bool forgotten = false;
  };
  using Jars = std::unordered_map<std::uint64_t, Jar>;
  void drop_if_unused(Jars::iterator jar);

  Jars jars_;
};

}  // namespace squall::engine
