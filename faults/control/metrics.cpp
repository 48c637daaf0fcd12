#include "faults/control/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

namespace squall::faults {
namespace {

std::string label(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      escaped += '\\';
    }
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void append_head(std::string& out, std::string_view name, std::string_view type,
                 std::string_view help) {
  out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void append_bytes(const std::vector<ProxyView>& proxies, std::string_view name,
                  std::string_view help, std::uint64_t DirectionCounters::*counter,
                  std::string& out) {
  append_head(out, name, "counter", help);
  for (const ProxyView& proxy : proxies) {
    for (const Direction direction : {Direction::kDownstream, Direction::kUpstream}) {
      out += fmt::format("{}{{direction=\"{}\",listener=\"{}\",proxy=\"{}\",upstream=\"{}\"}} {}\n",
                         name, to_string(direction), label(proxy.settings.listen),
                         label(proxy.settings.name), label(proxy.settings.upstream),
                         proxy.counters.of(direction).*counter);
    }
  }
}

void append_by_proxy(const std::vector<ProxyView>& proxies, std::string_view name,
                     std::string_view type, std::string_view help,
                     const std::function<std::uint64_t(const ProxyView&)>& value,
                     std::string& out) {
  append_head(out, name, type, help);
  for (const ProxyView& proxy : proxies) {
    out += fmt::format("{}{{proxy=\"{}\"}} {}\n", name, label(proxy.settings.name), value(proxy));
  }
}

void append_fired(const std::vector<ProxyView>& proxies, std::string& out) {
  append_head(out, "squall_toxic_fired_total", "counter",
              "Times that a toxic has interfered, on all links.");
  for (const ProxyView& proxy : proxies) {
    for (const ToxicView& toxic : proxy.toxics) {
      out += fmt::format(
          "squall_toxic_fired_total{{proxy=\"{}\",stream=\"{}\",toxic=\"{}\",type=\"{}\"}} {}\n",
          label(proxy.settings.name), to_string(toxic.direction), label(toxic.name),
          label(toxic.type), toxic.counters.fired);
    }
  }
}

void append_value(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, const std::string& value) {
  append_head(out, name, type, help);
  out += fmt::format("{} {}\n", name, value);
}

std::string read(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Fields of /proc/self/stat from the third on: the second, a name in brackets, may hold blanks.
std::vector<std::string> stat_fields() {
  const std::string text = read("/proc/self/stat");
  const std::size_t bracket = text.rfind(')');
  std::istringstream rest(bracket == std::string::npos ? "" : text.substr(bracket + 1));
  return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
}

// Seconds since 1970 at which the host started.
double boot_time() {
  std::istringstream lines(read("/proc/stat"));
  for (std::string word; lines >> word;) {
    double seconds = 0;
    if (word == "btime" && lines >> seconds) {
      return seconds;
    }
  }
  return 0;
}

std::size_t open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  // One of them is the directory itself.
  return error ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries))) - 1;
}

}  // namespace

void append_proxy_metrics(const std::vector<ProxyView>& proxies, std::string& out) {
  append_bytes(proxies, "toxiproxy_proxy_received_bytes_total",
               "Bytes read from the side where the direction begins.",
               &DirectionCounters::received_bytes, out);
  append_bytes(proxies, "toxiproxy_proxy_sent_bytes_total",
               "Bytes written to the side where the direction ends.",
               &DirectionCounters::sent_bytes, out);
  append_by_proxy(
      proxies, "squall_proxy_accepted_total", "counter", "Connections that were accepted.",
      [](const ProxyView& proxy) { return proxy.counters.accepted; }, out);
  append_by_proxy(
      proxies, "squall_proxy_dial_failures_total", "counter",
      "Connections to the upstream that failed.",
      [](const ProxyView& proxy) { return proxy.counters.dial_failures; }, out);
  append_by_proxy(
      proxies, "squall_proxy_open_links", "gauge", "Links that are open now.",
      [](const ProxyView& proxy) { return proxy.open_links; }, out);
  append_fired(proxies, out);
}

void append_process_metrics(std::string& out) {
  // Positions in stat_fields() of utime, stime, starttime, vsize and rss (proc(5) less three).
  constexpr std::size_t kUser = 11;
  constexpr std::size_t kSystem = 12;
  constexpr std::size_t kStart = 19;
  constexpr std::size_t kVirtual = 20;
  constexpr std::size_t kResident = 21;
  const std::vector<std::string> fields = stat_fields();
  const auto field = [&fields](std::size_t index) {
    return index < fields.size() ? std::stod(fields[index]) : 0;
  };
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  append_value(out, "process_cpu_seconds_total", "counter", "User and system CPU time.",
               fmt::format("{}", (field(kUser) + field(kSystem)) / ticks));
  append_value(out, "process_max_fds", "gauge", "Limit of open file descriptors.",
               fmt::format("{}", descriptors.rlim_cur));
  append_value(out, "process_open_fds", "gauge", "Open file descriptors.",
               fmt::format("{}", open_descriptors()));
  append_value(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
               fmt::format("{:.0f}", field(kResident) * page));
  append_value(out, "process_start_time_seconds", "gauge",
               "Start of the process since the Unix epoch.",
               fmt::format("{:.2f}", boot_time() + field(kStart) / ticks));
  append_value(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
               fmt::format("{:.0f}", field(kVirtual)));
}

}  // namespace squall::faults
