#include "loadgen/model/plan.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "loadgen/base/hash.hpp"
#include "loadgen/base/text.hpp"
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

std::vector<std::string> Step::demands() const {
  std::vector<std::string> texts;
  texts.reserve(expect.size() + extract.size());
  for (const expr::Expectation& expectation : expect) {
    texts.push_back(expectation.source);
  }
  for (const expr::Extraction& extraction : extract) {
    texts.push_back("extract " + extraction.name + ": " + extraction.source);
  }
  return texts;
}

const Step* Plan::find_step(std::string_view full_name) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const Step& step) { return step.full_name == full_name; });
  return found == steps.end() ? nullptr : &*found;
}

bool Plan::counts_effects() const {
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) { return step.is_effect; });
}

// A unix socket is this host, whatever the URL's name is; a proxy and other addresses may be
// anywhere.
bool Plan::leaves_loopback() const {
  const bool behind_a_proxy =
      std::any_of(proxies.begin(), proxies.end(),
                  [](const ProxyPlan& proxy) { return !is_loopback(proxy.upstream_host); });
  return behind_a_proxy || std::any_of(targets.begin(), targets.end(), [](const Target& target) {
           const CurlSettings& curl = target.curl;
           return curl.unix_socket.empty() &&
                  (!curl.proxy.empty() || !curl.connect_to.empty() || !curl.resolve.empty() ||
                   std::any_of(target.replicas.begin(), target.replicas.end(),
                               [](const Endpoint& replica) { return !is_loopback(replica.host); }));
         });
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

namespace {

constexpr std::string_view kCut = "\xe2\x80\xa6";  // what printable() ends shortened text with
constexpr std::size_t kTelling = 4;                // fewer characters of a secret tell nothing

// The forms in which a secret may stand in a text, the longest first: one may begin with another.
std::vector<std::string> needles_of(const std::set<std::string>& secrets) {
  std::set<std::string> forms;
  for (const std::string& secret : secrets) {
    if (!secret.empty()) {
      forms.insert(secret);
      std::string in_json;
      expr::append_json_text(secret, in_json);
      forms.insert(std::move(in_json));
      forms.insert(printable(secret, std::string::npos));
    }
  }
  std::vector<std::string> needles(forms.begin(), forms.end());
  std::stable_sort(needles.begin(), needles.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return needles;
}

// How much of `text` is the needle, or the beginning of it before a cut; 0: nothing is.
std::size_t length_of_hit(std::string_view text, std::string_view needle) {
  const auto [end, rest] = std::mismatch(needle.begin(), needle.end(), text.begin(), text.end());
  const auto length = static_cast<std::size_t>(end - needle.begin());
  const bool whole = length == needle.size();
  const bool cut = length >= kTelling && text.substr(length).starts_with(kCut);
  return whole || cut ? length : 0;
}

}  // namespace

std::string redact(std::string_view text, const std::set<std::string>& secrets) {
  const std::vector<std::string> needles = needles_of(secrets);
  std::string out;
  while (!text.empty()) {
    std::size_t hit = 0;
    for (auto needle = needles.begin(); needle != needles.end() && hit == 0; ++needle) {
      hit = length_of_hit(text, *needle);
    }
    out += hit > 0 ? std::string_view("***") : text.substr(0, 1);
    text.remove_prefix(std::max<std::size_t>(hit, 1));
  }
  return out;
}

std::string safe_to_show(std::string_view outside_text, const std::set<std::string>& secrets,
                         std::size_t max_bytes) {
  if (secrets.empty()) {
    return printable(outside_text, max_bytes);
  }
  const auto longest = std::max_element(
      secrets.begin(), secrets.end(),
      [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  // Bodies may be large and little of them is shown.
  const std::size_t enough = 4 * max_bytes + longest->size();
  if (outside_text.size() <= enough) {
    return printable(redact(outside_text, secrets), max_bytes);
  }
  const std::string beginning = std::string(outside_text.substr(0, enough)) + std::string(kCut);
  return printable(redact(beginning, secrets), max_bytes);
}

}  // namespace squall::model
