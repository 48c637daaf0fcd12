#include "loadgen/net/lookup.hpp"

#include <uv.h>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <memory>
#include <optional>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/net/loop.hpp"

namespace squall::net {
namespace {

// libuv hands work over to a thread and back under its own lock. The thread sanitizer sees nothing
// of what libuv does, so it is told.
void hand_over([[maybe_unused]] uv_work_t* work) {
#ifdef __SANITIZE_THREAD__
  __tsan_release(work);
#endif
}
void take_over([[maybe_unused]] uv_work_t* work) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(work);
#endif
}

}  // namespace

struct Lookup::Core {
  uv_work_t request{};
  Lookup* owner = nullptr;  // null once nobody waits for the answer
  std::string host;
  std::uint16_t port = 0;
  Answer on_answer;
  std::optional<Result<std::vector<SocketAddress>>> result = {};

  static void on_work(uv_work_t* request) noexcept {
    take_over(request);
    auto* const core = static_cast<Core*>(request->data);
    core->result = SocketAddress::resolve(core->host, core->port);
    hand_over(request);
  }

  static void on_done(uv_work_t* request, int status) noexcept {
    take_over(request);
    const std::unique_ptr<Core> core(static_cast<Core*>(request->data));
    if (core->owner != nullptr) {
      SQUALL_CHECK(status == 0);  // only who has dropped the question cancels it
      core->owner->core_ = nullptr;
      core->on_answer(std::move(*core->result));
    }
  }
};

Lookup::Lookup(Loop& loop, const std::string& host, std::uint16_t port, Answer on_answer)
    : core_(
          new Core{.owner = this, .host = host, .port = port, .on_answer = std::move(on_answer)}) {
  core_->request.data = core_;
  hand_over(&core_->request);
  SQUALL_CHECK(uv_queue_work(loop.raw(), &core_->request, Core::on_work, Core::on_done) == 0);
}

Lookup::~Lookup() {
  if (core_ != nullptr) {
    core_->owner = nullptr;
    // Too late when the resolver is at it: its answer is dropped then.
    static_cast<void>(uv_cancel(reinterpret_cast<uv_req_t*>(&core_->request)));
  }
}

}  // namespace squall::net
