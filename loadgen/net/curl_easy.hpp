// Handles of libcurl: made after the library was initialised, freed with their owner.
#pragma once

#include <curl/curl.h>

#include <memory>

#include "loadgen/base/time.hpp"

namespace squall::net {

// Once in the process, whoever asks first; later calls cost nothing. Any thread.
void initialize_curl();

struct CurlEasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;
// Initialises libcurl. Never null.
[[nodiscard]] CurlEasy make_curl_easy();

// As libcurl takes a time limit: whole milliseconds, rounded up, from 1 (zero would mean for ever)
// to what 32 bits hold.
[[nodiscard]] long curl_milliseconds(Duration limit);

// Sets options of a handle, which it borrows. Collects the first failure, so that each option is
// checked without a branch at each line.
class CurlOptions {
 public:
  explicit CurlOptions(CURL* easy) : easy_(easy) {}
  template <class Value>
  void set(CURLoption option, Value value) {
    if (error_ == CURLE_OK) {
      error_ = curl_easy_setopt(easy_, option, value);
    }
  }
  [[nodiscard]] CURLcode error() const { return error_; }

 private:
  CURL* easy_;
  CURLcode error_ = CURLE_OK;
};

}  // namespace squall::net
