// Keys of a plan that name files with certificates or private keys.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/expr/table_reader.hpp"

namespace squall::plan {

// The path of the file that `key` names, from the plan's folder; empty when the key is absent. One
// that cannot be read, that holds no `label` ("CERTIFICATE", "PRIVATE KEY") between the dashes of
// PEM, or that is encrypted is reported. What else stands in it is for OpenSSL to judge.
[[nodiscard]] std::string read_pem_file(expr::TableReader& reader, std::string_view key,
                                        std::string_view label);

}  // namespace squall::plan
