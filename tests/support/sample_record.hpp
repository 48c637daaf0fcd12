// A run record with something in every field, for tests of checks, findings, formats and live
// views.
#pragma once

#include <string>

#include "loadgen/model/run_record.hpp"

namespace squall::testing {

// "checkout": buy.browse (plain) and buy.charge (effects), 20 s of 200/s, faults lost-ack, twins
// and slow-send, 2 oracles, duplicates and a lost effect with timelines, warm-up seconds, drops, a
// breach. Judged as exit 5. Always the same.
[[nodiscard]] model::RunRecord sample_record();

// The same run against a target without defects: no wrong effects, no breach, exit 0.
[[nodiscard]] model::RunRecord clean_record();

// sample_record with `poison` in every text that a plan, a target or the host can supply.
[[nodiscard]] model::RunRecord hostile_record(const std::string& poison);

// A text with every byte that means something in XML, Markdown, CSV, Prometheus or to a terminal,
// and invalid UTF-8.
[[nodiscard]] std::string poison_text();

}  // namespace squall::testing
