// Requests to the control API: the first line is the target, the rest the body. What can be decoded
// can be written and decoded again, and toxics either compile or say why not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "faults/control/api_route.hpp"
#include "faults/control/json_decoder.hpp"
#include "faults/control/json_writer.hpp"
#include "faults/control/request_body.hpp"
#include "faults/proxy/toxic_attributes.hpp"

namespace {

using namespace squall::faults;

const ToxicRegistry& toxics() {
  static const ToxicRegistry all = [] {
    ToxicRegistry filled;
    register_toxics(filled);
    return filled;
  }();
  return all;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::string written(const squall::expr::Value& value) {
  std::string out;
  append_json(value, out);
  return out;
}

void check_toxic(const squall::expr::Value& attributes) {
  for (const ToxicKind& kind : toxics().entries()) {
    const auto complete = complete_attributes(kind, {squall::expr::Table{}, {}}, attributes);
    const auto compiled = compile_toxic(kind, complete);
    require(compiled ? compiled.value() != nullptr : !compiled.error().message.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t line = text.find('\n');
  const std::string_view target = std::string_view(text).substr(0, line);
  const std::string_view body =
      line == std::string::npos ? std::string_view() : std::string_view(text).substr(line + 1);
  for (const std::string_view method : {"GET", "POST", "PATCH", "DELETE", "PUT"}) {
    const auto route = find_route(method, target);
    require(!route || !to_string(route->name).empty());
  }
  if (const auto value = decode_json(body)) {
    const std::string once = written(*value);
    const auto again = decode_json(once);
    require(again.has_value() && written(*again) == once);
  }
  (void)decode_proxy(body);
  (void)decode_proxy_update(body);
  if (const auto proxies = decode_proxies(body)) {
    for (const ProxyBody& proxy : *proxies) {
      (void)settings_of(proxy);
    }
  }
  if (const auto toxic = decode_toxic(body)) {
    check_toxic(toxic->attributes);
  }
  if (const auto update = decode_toxic_update(body)) {
    check_toxic(update->attributes);
  }
  return 0;
}
