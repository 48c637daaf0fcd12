// The part of a record about proxies and the timeline, for both archives of json_archive.hpp.
#pragma once

#include "loadgen/model/json_archive.hpp"
#include "loadgen/model/proxy_record.hpp"

namespace squall::model {

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedProxy> proxy) {
  archive.field("name", proxy.name);
  archive.field("mode", proxy.mode);
  archive.field("listen", proxy.listen);
  archive.field("upstream", proxy.upstream);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, ProxySecond> second) {
  archive.field("accepted", second.accepted);
  archive.field("refused", second.refused);
  archive.field("dial_failures", second.dial_failures);
  archive.field("open_links", second.open_links);
  archive.field("upstream_bytes", second.upstream_bytes);
  archive.field("downstream_bytes", second.downstream_bytes);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedProxyFault> fault) {
  archive.field("name", fault.name);
  archive.field("kind", fault.kind);
  archive.field("proxy", fault.proxy);
  archive.field("summary", fault.summary);
  archive.mark("of_requests", fault.of_requests);
  archive.mark("counts_nothing", fault.counts_nothing);
  archive.field("seen", fault.seen);
  archive.field("planned", fault.planned);
  archive.field("fired", fault.fired);
}

template <class Archive>
void describe(Archive& archive, Ref<Archive, RecordedAction> action) {
  archive.field("name", action.name);
  archive.field("kind", action.kind);
  archive.field("description", action.description);
  archive.field("planned_at_ns", action.planned_at);
  archive.field("planned_until_ns", action.planned_until);
  archive.field("started", action.started);
  archive.field("undone", action.undone);
  archive.field("at_ns", action.at);
  archive.field("until_ns", action.until);
  archive.field("late_at_ns", action.late_at);
  archive.field("late_until_ns", action.late_until);
  archive.field("problem", action.problem);
}

}  // namespace squall::model
