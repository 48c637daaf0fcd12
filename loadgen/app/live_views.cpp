#include "loadgen/app/live_views.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "loadgen/app/live_server.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/version.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"

namespace squall::app {

Result<std::unique_ptr<LiveViews>> LiveViews::open(const Terminal& terminal,
                                                   const LiveOptions& options,
                                                   const model::Plan& plan) {
  if (auto allowed = check_hosts(options, plan); !allowed) {
    return fail(std::move(allowed.error()));
  }
  std::unique_ptr<LiveViews> views(new LiveViews(terminal));
  if (!options.metrics.empty()) {
    if (auto opened = views->open_metrics(options.metrics); !opened) {
      return fail(std::move(opened.error()));
    }
  }
  if (!options.dashboard.empty()) {
    if (auto opened = views->open_dashboard(options.dashboard); !opened) {
      return fail(std::move(opened.error()));
    }
  }
  if (!options.otlp.empty()) {
    views->otlp_ = std::make_unique<OtlpExport>(options.otlp, std::string(kVersion));
  }
  return views;
}

std::unique_ptr<LiveViews> LiveViews::open_or_tell(const Terminal& terminal,
                                                   const LiveOptions& options,
                                                   const model::Plan& plan) {
  auto views = open(terminal, options, plan);
  if (!views) {
    say("squall: {}\n", to_string(views.error()));
    return nullptr;
  }
  return std::move(*views);
}

LiveViews::~LiveViews() {
  constexpr Duration kMoment = std::chrono::seconds(1);
  if (stream_ == nullptr) {
    return;
  }
  const TimePoint limit = monotonic_now() + kMoment;
  while (!stream_->everybody_knows() && monotonic_now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<void> LiveViews::open_metrics(const std::string& address) {
  const auto at = net::parse_listen_address(address);
  if (!at) {
    return fail(at.error());
  }
  metrics_ = std::make_unique<reports::MetricsView>(std::string(kVersion));
  auto server = serve_metrics(*at, [metrics = metrics_.get()] { return metrics->text(); });
  if (!server) {
    return fail(server.error().code, "--metrics: " + server.error().message);
  }
  metrics_server_ = std::move(*server);
  say("squall: metrics at {}/metrics\n", url_of(*at, *metrics_server_));
  return {};
}

Result<void> LiveViews::open_dashboard(const std::string& address) {
  const auto at = net::parse_listen_address(address);
  if (!at) {
    return fail(at.error());
  }
  // Ids of another process that had this address are not taken for ours.
  stream_ = std::make_unique<reports::RunStream>(
      fmt::format("{:x}", wall_clock_now().time_since_epoch().count()));
  auto server = serve_dashboard(*at, *stream_);
  if (!server) {
    return fail(server.error().code, "--dashboard: " + server.error().message);
  }
  dashboard_server_ = std::move(*server);
  stream_->on_message([server = dashboard_server_.get()] { server->wake(); });
  say("squall: dashboard at {}/\n", url_of(*at, *dashboard_server_));
  return {};
}

template <class Tell>
void LiveViews::each(const Tell& tell) {
  if (shown_) {
    tell(*shown_);
  }
  if (lines_) {
    tell(*lines_);
  }
  if (metrics_) {
    tell(*metrics_);
  }
  if (stream_) {
    tell(*stream_);
  }
  if (otlp_) {
    tell(*otlp_);  // last: its end takes time
  }
}

std::function<void(WallTime zero, std::vector<model::OperationSpan> spans)>
LiveViews::take_spans() {
  if (otlp_ == nullptr) {
    return {};
  }
  return [otlp = otlp_.get()](WallTime zero, std::vector<model::OperationSpan> spans) {
    otlp->take(zero, std::move(spans));
  };
}

void LiveViews::begin(const model::Plan& plan) {
  shown_ = terminal_.make_view();
  lines_ = terminal_.make_json_view();
  each([&](model::ProgressView& view) { view.begin(plan); });
}

void LiveViews::stage(model::Stage stage, std::string_view detail) {
  each([&](model::ProgressView& view) { view.stage(stage, detail); });
}

void LiveViews::tick(Duration elapsed, const model::SecondSummary& last_second,
                     const model::Counters& so_far) {
  each([&](model::ProgressView& view) { view.tick(elapsed, last_second, so_far); });
}

void LiveViews::second(const model::SecondSummary& second) {
  each([&](model::ProgressView& view) { view.second(second); });
}

void LiveViews::event(const model::RunEvent& event) {
  each([&](model::ProgressView& view) { view.event(event); });
}

void LiveViews::end(const model::RunRecord& record) {
  each([&](model::ProgressView& view) { view.end(record); });
}

}  // namespace squall::app
