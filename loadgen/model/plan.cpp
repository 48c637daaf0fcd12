#include "loadgen/model/plan.hpp"

#include <algorithm>

#include "loadgen/base/hash.hpp"
#include "loadgen/expr/json_text.hpp"

namespace squall::model {
namespace {

void write_hex(std::uint64_t value, unsigned digits, char*& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned i = digits; i > 0; --i) {
    *out++ = kDigits[(value >> ((i - 1) * 4)) & 0xf];
  }
}

}  // namespace

const Step* Plan::find_step(std::string_view full_name) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const Step& step) { return step.full_name == full_name; });
  return found == steps.end() ? nullptr : &*found;
}

bool Plan::counts_effects() const {
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) { return step.is_effect; });
}

std::uint64_t OperationIndex::mixed() const {
  return visit == 0 ? arrival : hash_combine(arrival, visit);
}

std::vector<TlsPeer> Plan::tls_peers() const {
  std::vector<TlsPeer> peers;
  for (const Target& target : targets) {
    for (const Endpoint& replica : target.replicas) {
      if (target.tls) {
        peers.push_back({replica.host, replica.port, *target.tls});
      }
    }
  }
  return peers;
}

void write_key(const Plan& plan, const Step& step, OperationIndex operation,
               char (&out)[kKeyLength]) {
  // Two independent streams: hash_combine is a bijection of its second argument, so arrivals of one
  // step never collide, and 122 bits keep steps and runs apart.
  constexpr std::uint64_t kHighRole = 0x6b65792d68696768ULL;
  constexpr std::uint64_t kLowRole = 0x6b65792d6c6f77ULL;
  const std::uint64_t run = hash_bytes(plan.run_id, mix64(plan.seed));
  const std::uint64_t first = hash_bytes(step.full_name, run);
  const std::uint64_t name = operation.visit == 0 ? first : hash_combine(first, operation.visit);
  const std::uint64_t arrival = operation.arrival;
  std::uint64_t high = hash_combine(hash_combine(name, kHighRole), arrival);
  std::uint64_t low = hash_combine(hash_combine(hash_combine(run, name), kLowRole), arrival);
  high = (high & ~0xf000ULL) | 0x8000ULL;                       // version 8
  low = (low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;  // variant 10
  char* at = out;
  write_hex(high >> 32, 8, at);
  *at++ = '-';
  write_hex(high >> 16, 4, at);
  *at++ = '-';
  write_hex(high, 4, at);
  *at++ = '-';
  write_hex(low >> 48, 4, at);
  *at++ = '-';
  write_hex(low, 12, at);
}

std::string make_key(const Plan& plan, const Step& step, OperationIndex operation) {
  char key[kKeyLength];
  write_key(plan, step, operation, key);
  return {key, kKeyLength};
}

std::string_view content_type_of(const RequestSpec& request) {
  return request.json ? "application/json" : std::string_view(request.content_type);
}

StreamId template_stream(const Plan& plan, const Step& step) {
  return {plan.seed, step.full_name, "template"};
}

std::string redact(std::string_view text, const std::set<std::string>& secrets) {
  std::vector<std::string> needles;
  for (const std::string& secret : secrets) {
    if (!secret.empty()) {
      needles.push_back(secret);
      // The same text when nothing in it needs escaping.
      std::string in_json;
      expr::append_json_text(secret, in_json);
      needles.push_back(std::move(in_json));
    }
  }
  if (needles.empty()) {
    return std::string(text);
  }
  // The longest first: a secret may begin with another one.
  std::sort(needles.begin(), needles.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto hit = std::find_if(needles.begin(), needles.end(), [&](const std::string& needle) {
      return text.substr(at).starts_with(needle);
    });
    if (hit != needles.end()) {
      out += "***";
      at += hit->size();
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace squall::model
