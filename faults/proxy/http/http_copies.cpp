#include "faults/proxy/http/http_copies.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "faults/proxy/proxy_address.hpp"
#include "loadgen/net/http_scanner.hpp"
#include "loadgen/net/lookup.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/socket_address.hpp"
#include "loadgen/net/stream.hpp"

namespace squall::faults {
namespace {

constexpr std::size_t kMaxCopies = 1024;  // at once
constexpr Duration kPatience = std::chrono::seconds(30);

}  // namespace

struct HttpCopies::Batch {
  CopyOrder order;
  std::uint32_t unsent = 0;
  bool told = false;
};

class HttpCopies::Copy final : private net::TcpEvents, private net::AlarmEvents {
 public:
  Copy(HttpCopies& owner, std::shared_ptr<Batch> of, std::size_t place, net::TlsClient* tls)
      : batch(std::move(of)),
        index(place),
        copies_(owner),
        tls_(tls),
        stream_(owner.deps_.loop, *this),
        alarm_(owner.deps_.alarms, *this) {
    alarm_.set(copies_.deps_.clock.now() + kPatience);
  }

  void dial(const std::string& host, std::uint16_t port) {
    if (auto known = known_addresses(host, port); !known.empty()) {
      on_addresses(std::move(known));
      return;
    }
    lookup_ = std::make_unique<net::Lookup>(
        copies_.deps_.loop, host, port,
        [this](Result<std::vector<net::SocketAddress>> found) { on_addresses(std::move(found)); });
  }

  const std::shared_ptr<Batch> batch;
  const std::size_t index;
  int status = 0;
  std::string answer;
  bool answer_kept = true;

 private:
  void on_addresses(Result<std::vector<net::SocketAddress>> found) {
    if (!found) {
      give_up(found.error().message);
      return;
    }
    addresses_ = std::move(*found);
    dial_next("");
  }

  void dial_next(std::string problem) {
    while (next_ < addresses_.size()) {
      const net::SocketAddress& to = addresses_[next_++];
      const int error = stream_.connect(to, tls_);
      if (error == 0) {
        return;
      }
      problem = connect_problem(to, error);
    }
    give_up(problem);
  }

  void on_connected() override {
    const auto written = stream_.write(batch->order.request);
    if (written.error != 0) {
      give_up("the upstream closed the copy's connection");
    } else if (stream_.queued_bytes() == 0) {
      on_sent();
    }
  }
  void on_sent() override {
    if (!std::exchange(sent_, true) && --batch->unsent == 0) {
      copies_.on_sent(*batch, "");
    }
  }
  void on_failure(net::TcpEvents::Side side, int error) override {
    if (side == net::TcpEvents::Side::kConnect) {
      const std::string tls = std::string(stream_.problem());
      stream_.close_fin();
      dial_next(tls.empty() ? connect_problem(addresses_[next_ - 1], error) : tls);
    } else if (side == net::TcpEvents::Side::kRead) {
      give_up("the upstream reset the copy's connection");
    } else if (!sent_) {
      give_up("the upstream closed the copy's connection");
    }
  }

  void on_data(std::string_view bytes) override {
    bool more = true;
    while (more) {
      if (!scanner_.in_message()) {
        scanner_.set_head_only(batch->order.head_only);
      }
      const net::HttpScanner::Step step = scanner_.next(bytes);
      if (step.found == net::HttpScanner::Found::kHead) {
        status = scanner_.status();
        keep(scanner_.head());
      } else if (step.found == net::HttpScanner::Found::kBody) {
        keep(bytes.substr(0, step.consumed));
      } else if (step.found == net::HttpScanner::Found::kNotHttp) {
        give_up("the answer to a copy is not HTTP/1.1");
        return;
      } else if (step.found == net::HttpScanner::Found::kEnd && status >= 200) {
        copies_.finish(*this, true);
        return;
      }
      bytes.remove_prefix(step.consumed);
      // With nothing left the scanner still knows whether that was the end.
      more = step.found != net::HttpScanner::Found::kNothing;
    }
  }
  void on_end() override {
    if (scanner_.finish()) {
      copies_.finish(*this, true);
    } else {
      give_up("the upstream closed the copy's connection");
    }
  }
  void on_alarm() override { give_up("the upstream did not answer a copy in time"); }

  void keep(std::string_view bytes) {
    answer_kept = answer_kept && answer.size() + bytes.size() <= HttpFault::kMaxKeptBody;
    if (answer_kept) {
      answer.append(bytes);
    }
  }
  void give_up(const std::string& problem) {
    if (!sent_) {
      copies_.on_sent(*batch, problem);
    }
    copies_.finish(*this, false);
  }

  HttpCopies& copies_;
  net::TlsClient* const tls_;
  std::unique_ptr<net::Lookup> lookup_;
  std::vector<net::SocketAddress> addresses_;
  std::size_t next_ = 0;
  bool sent_ = false;
  net::HttpScanner scanner_{net::HttpScanner::Kind::kAnswers};
  net::Stream stream_;
  net::Alarm alarm_;
};

HttpCopies::HttpCopies(const Deps& deps) : deps_(deps) {}

HttpCopies::~HttpCopies() {
  stop();
}

std::string HttpCopies::send(CopyOrder order, const std::string& host, std::uint16_t port,
                             net::TlsClient* tls) {
  if (copies_.size() + order.copies > kMaxCopies) {
    return fmt::format("{} copies are under way already", copies_.size());
  }
  const std::uint32_t count = order.copies;
  model::ProxyExchange& record = order.exchange->record;
  const std::size_t first = record.copies.size();
  record.copies.resize(first + count);
  const auto batch = std::make_shared<Batch>(Batch{.order = std::move(order), .unsent = count});
  std::vector<Copy*> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(
        copies_.emplace_back(std::make_unique<Copy>(*this, batch, first + i, tls)).get());
  }
  for (Copy* const copy : made) {
    copy->dial(host, port);  // only this one may be gone afterwards
  }
  return "";
}

void HttpCopies::on_sent(Batch& batch, const std::string& problem) {
  if (!std::exchange(batch.told, true)) {
    deps_.owner.on_copies_sent(batch.order, problem);
  }
}

void HttpCopies::finish(Copy& copy, bool answered) {
  const auto place = std::find_if(copies_.begin(), copies_.end(),
                                  [&copy](const auto& one) { return one.get() == &copy; });
  const std::unique_ptr<Copy> over = std::move(*place);
  copies_.erase(place);
  const CopyOrder& order = over->batch->order;
  OpenExchange& exchange = *order.exchange;
  model::ProxyExchange::Copy& record = exchange.record.copies[over->index];
  record.answered = deps_.clock.now() - exchange.record.began;
  if (answered) {
    record.status = over->status;
    deps_.owner.on_copy_executed(order);
  }
  const bool usable = answered && over->answer_kept;
  if (HttpRelay* const relay = order.relay; relay != nullptr) {
    relay->on_copy_answered(order.number,
                            usable ? std::optional(std::move(over->answer)) : std::nullopt);
  }
  deps_.owner.on_part_over(exchange);
}

void HttpCopies::forget(const HttpRelay& relay) {
  for (const auto& copy : copies_) {
    if (copy->batch->order.relay == &relay) {
      copy->batch->order.relay = nullptr;
    }
  }
}

void HttpCopies::stop() {
  while (!copies_.empty()) {
    on_sent(*copies_.back()->batch, "the proxy was stopped");
    finish(*copies_.back(), false);
  }
}

}  // namespace squall::faults
