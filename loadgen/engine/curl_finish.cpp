// How a transfer ends: what libcurl tells of it, and who gets its handle and its exchange back.
#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/curl_core.hpp"
#include "loadgen/engine/curl_ending.hpp"
#include "loadgen/engine/exchange_results.hpp"

namespace squall::engine {

void CurlCore::reap() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(sockets_.multi(), &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    const CURLcode code = message->data.result;
    char* context = nullptr;
    SQUALL_CHECK(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context) == CURLE_OK);
    auto* const transfer = static_cast<CurlTransfer*>(static_cast<void*>(context));
    finish(static_cast<Slot&>(*transfer), code, monotonic_now());
  }
}

void CurlCore::finish(Slot& slot, CURLcode code, TimePoint now) {
  const CurlEnding ending = ending_of(slot, code);
  counters_.out_of_descriptors += ending.lack == HostLack::kDescriptors ? 1U : 0U;
  counters_.out_of_ports += ending.lack == HostLack::kPorts ? 1U : 0U;
  if (code == CURLE_OK) {
    long status = 0;
    SQUALL_CHECK(curl_easy_getinfo(slot.easy(), CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
    slot.exchange->status = static_cast<int>(status);
  }
  end(slot, ending.how, ending.detail, now);
}

void CurlCore::end(Slot& slot, How how, std::string_view detail, TimePoint now) {
  Exchange& exchange = *slot.exchange;
  take_notes(slot, now);
  if (exchange.script != nullptr || exchange.barrier != nullptr ||
      exchange.connection != model::CopyConnection::kAny) {
    exchange.copy_fired = exchange.bytes_sent > 0 &&
                          (exchange.barrier == nullptr || slot.last_byte_left) &&
                          exchange.connection != model::CopyConnection::kSame;
  }
  add_detail(exchange, detail);
  leave_barrier(exchange, &slot);
  retire(slot);
  hand_back(exchange, how, now);
}

void CurlCore::take_notes(const Slot& slot, TimePoint now) {
  Exchange& exchange = *slot.exchange;
  CURL* const easy = slot.easy();
  exchange.bytes_sent = slot.request_bytes();
  long header = 0;
  curl_off_t body = 0;
  SQUALL_CHECK(curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header) == CURLE_OK);
  SQUALL_CHECK(curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &body) == CURLE_OK);
  exchange.bytes_received = static_cast<std::uint64_t>(header) + static_cast<std::uint64_t>(body);
  counters_.bytes_sent += exchange.bytes_sent;
  counters_.bytes_received += exchange.bytes_received;
  counters_.decoded_bytes += slot.decoded_bytes;
  counters_.closed_before_send += slot.closed_before_send;
  counters_.follow_ups += slot.follow_ups;
  counters_.resends += slot.resends;
  counters_.resends_prevented += slot.stop == CurlStop::kResend ? 1U : 0U;
  if (slot.answered()) {
    exchange.phases.set(model::TransferPhase::kFirstByte,
                        slot.first_answer_byte - exchange.first_byte_sent);
    exchange.phases.set(model::TransferPhase::kTransfer, now - slot.first_answer_byte);
  }
  long connects = 0;
  SQUALL_CHECK(curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK);
  counters_.connections_opened += static_cast<std::uint64_t>(connects);
  if (connects != 1 || slot.wire_attempts != 1) {
    return;  // libcurl's instants are then sums, or those of the last one
  }
  const auto at = [easy](CURLINFO which) {
    curl_off_t us = 0;
    SQUALL_CHECK(curl_easy_getinfo(easy, which, &us) == CURLE_OK);
    return std::chrono::microseconds(us);
  };
  const Duration resolved = at(CURLINFO_NAMELOOKUP_TIME_T);
  const Duration connected = at(CURLINFO_CONNECT_TIME_T);
  const Duration encrypted = at(CURLINFO_APPCONNECT_TIME_T);
  exchange.phases.set(model::TransferPhase::kDns, resolved);
  exchange.phases.set(model::TransferPhase::kConnect, connected - resolved);
  if (encrypted > Duration{}) {
    exchange.phases.set(model::TransferPhase::kTls, encrypted - connected);
  }
}

void CurlCore::retire(Slot& slot) {
  Exchange& exchange = *slot.exchange;
  CurlEndpoint& endpoint = slot.endpoint();
  SQUALL_CHECK(curl_multi_remove_handle(sockets_.multi(), slot.easy()) == CURLM_OK);
  TimeoutLists::remove(slot.timeout);
  TimeoutLists::remove(slot.connecting);
  --endpoint.active;
  endpoint.opening -= slot.connected() ? 0U : 1U;
  serial_active_ -= endpoint.multiplexes() ? 0U : 1U;
  const bool had_jar = slot.has_jar;
  slot.release();
  if (had_jar) {
    jars_.give_back(exchange.user);
  }
  endpoint.idle.push_back(&slot);
}

void CurlCore::hand_back(Exchange& exchange, How how, TimePoint now) {
  exchange.how = how;
  exchange.end = now;
  exchange.engine_state = nullptr;
  --in_flight_;
  completed_.push_back(&exchange);
}

void CurlCore::finish_unsent(Exchange& exchange, How how, std::string_view detail, TimePoint now) {
  add_detail(exchange, detail);
  leave_barrier(exchange, nullptr);
  hand_back(exchange, how, now);
}

}  // namespace squall::engine
