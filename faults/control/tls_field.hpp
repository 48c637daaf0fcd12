// The `tls` of a proxy in the control API.
#pragma once

#include <string>

#include "faults/proxy/proxy_settings.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::faults {

// As ProxyField has them. The object replaces the settings as a whole; its keys are those that
// ProxyTlsSettings names, and others are refused: a misspelt one would leave something unchecked.
[[nodiscard]] std::string read_tls(const expr::Value& value, ProxyUpdate& into);
[[nodiscard]] expr::Value show_tls(const ProxyView& view);
[[nodiscard]] bool has_tls(const ProxyView& view);

}  // namespace squall::faults
