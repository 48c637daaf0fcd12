// Everything that is told of a run while it goes on: the terminal, programs that read stdout,
// programs that ask over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/app/live_options.hpp"
#include "loadgen/app/otlp_export.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/model/operation_span.hpp"
#include "loadgen/model/progress.hpp"
#include "loadgen/net/http_server.hpp"
#include "reports/live/metrics_view.hpp"
#include "reports/live/run_stream.hpp"

namespace squall::app {

// Borrows the terminal. Serves until it is destroyed, through as many runs as are made with it, one
// after the other. Thread as a ProgressView.
class LiveViews final : public model::ProgressView {
 public:
  // kUnavailable when an address cannot be bound, kInvalidArgument when a host is one that `plan`
  // does not allow. Says on stderr where it serves.
  [[nodiscard]] static Result<std::unique_ptr<LiveViews>> open(const Terminal& terminal,
                                                               const LiveOptions& options,
                                                               const model::Plan& plan);
  // The same for a command: what is wrong is told on stderr, and there is nothing.
  [[nodiscard]] static std::unique_ptr<LiveViews> open_or_tell(const Terminal& terminal,
                                                               const LiveOptions& options,
                                                               const model::Plan& plan);

  // Gives viewers a moment to take the end.
  ~LiveViews() override;

  // As SessionOptions::spans; empty when operations go nowhere. Borrows the views.
  [[nodiscard]] std::function<void(WallTime zero, std::vector<model::OperationSpan> spans)>
  take_spans();

  LiveViews(const LiveViews&) = delete;
  LiveViews& operator=(const LiveViews&) = delete;

  void begin(const model::Plan& plan) override;
  void stage(model::Stage stage, std::string_view detail) override;
  void tick(Duration elapsed, const model::SecondSummary& last_second,
            const model::Counters& so_far) override;
  void second(const model::SecondSummary& second) override;
  void event(const model::RunEvent& event) override;
  void end(const model::RunRecord& record) override;

 private:
  explicit LiveViews(const Terminal& terminal) : terminal_(terminal) {}
  [[nodiscard]] Result<void> open_metrics(const std::string& address);
  [[nodiscard]] Result<void> open_dashboard(const std::string& address);
  template <class Tell>
  void each(const Tell& tell);

  const Terminal& terminal_;
  std::unique_ptr<model::ProgressView> shown_;  // of the run that goes on
  std::unique_ptr<model::ProgressView> lines_;  // likewise; null: stdout gets none
  std::unique_ptr<reports::MetricsView> metrics_;
  std::unique_ptr<reports::RunStream> stream_;
  std::unique_ptr<OtlpExport> otlp_;                 // null: nobody wants it
  std::unique_ptr<net::HttpServer> metrics_server_;  // ends before what it shows, as the next
  std::unique_ptr<net::HttpServer> dashboard_server_;
};

}  // namespace squall::app
