// The role mail: sends receipts to customers.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "tests/shop/http_service.hpp"

namespace squall::shop {

struct MailOptions {
  HttpOptions http;
  LogLevel log_level = LogLevel::kInfo;
};

// What was mailed, in memory. Mails with the same Idempotency-Key are one. Any thread.
class MailService {
 public:
  // POST /mails {"token","text"}: 202 {"id"}; 422 when the key was used for another mail.
  [[nodiscard]] Answer send(const Call& call);
  // GET /ledger?token=: {"effects":[{"token","id","key"}…]}.
  [[nodiscard]] Answer ledger(const Call& call) const;

 private:
  struct Mail {
    std::string token;
    std::string text;
    std::string key;
  };

  mutable std::mutex mutex_;
  std::deque<Mail> mails_;                     // mail n is at n - 1
  std::map<std::string, std::size_t> by_key_;  // their numbers
};

// Serves until a signal; the process's exit code.
[[nodiscard]] int run_mail(const MailOptions& options);

}  // namespace squall::shop
